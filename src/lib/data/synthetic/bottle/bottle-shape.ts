import type { Random } from '../../../random/random';
import { gradientNoise } from '../noise';
import { smoothstep } from '../smoothstep';
import type { GlassPoint } from './glass';

/**
 * Radii of the bottle's parts, seen from above, in outer radii: mouth, inner wall, lip, groove,
 * collar and shoulder.
 */
export const RADII = {
  mouth: 0.45,
  lipInside: 0.51,
  lipOutside: 0.7,
  collarInside: 0.73,
  collarOutside: 0.83,
} as const;

/** Fills in the glass at a point: x and y from the bottle's axis, in outer radii. */
export type BottleShape = (x: number, y: number, point: GlassPoint) => void;

/** Slope of a rounded edge, seen across: steep at both sides, level on the crest. */
function roundedSlope(radius: number, inside: number, outside: number, height: number): number {
  const t = Math.min(Math.max((2 * radius - inside - outside) / (outside - inside), -0.94), 0.94);
  return (-height * t) / Math.sqrt(1 - t * t);
}

/**
 * One bottle: a surface of revolution, slightly out of round, with wavy walls and two mould seams,
 * standing at a random angle.
 */
export function bottleShape(random: Random): BottleShape {
  const turn = random.uniform(0, 2 * Math.PI);
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  const waves = gradientNoise(random.int(2 ** 31));
  const streaks = gradientNoise(random.int(2 ** 31));
  const swirl = gradientNoise(random.int(2 ** 31));
  const oval = random.uniform(0, 0.006);
  const height = random.uniform(0.95, 1.1);
  const groove = random.uniform(0.75, 1.1);
  const glow = random.uniform(0.85, 1.15);
  const wall = random.uniform(0.92, 1.08);
  const lean = [random.uniform(-0.03, 0.03), random.uniform(-0.03, 0.03)];

  return (x, y, point) => {
    const distance = Math.sqrt(x * x + y * y) + 1e-9;
    const ux = x / distance;
    const uy = y / distance;
    // The direction in the bottle's own frame, in which its flaws turn with it.
    const bx = ux * cos + uy * sin;
    const by = uy * cos - ux * sin;
    const radius = distance * (1 + oval * (bx * bx - by * by)) + 0.006 * waves(2 * bx, 2 * by);

    let slope = 0;
    let sideways = 0;
    point.roughness = 0;
    point.haze = 0;
    if (radius < RADII.mouth) {
      fillInside(point, radius, x - lean[0], y - lean[1], glow);
      return;
    }
    const grain = streaks(5 * bx + 3, 5 * by + 9 * radius);
    const fine = streaks(34 * bx, 34 * by + 6 * radius);
    if (radius < RADII.lipInside) {
      const t = (radius - RADII.mouth) / (RADII.lipInside - RADII.mouth);
      slope = 2.6 - 1.6 * t + 0.8 * fine * (1 - t) + 0.5 * grain;
      sideways = 0.5 * fine * (1 - t);
      point.thickness = 4.6 - 1.6 * t + 1.6 * grain + 0.6 * fine;
      point.below = 0.26 + 0.3 * smoothstep(0.22, 0, Math.abs(t - 0.1)) + 0.25 * grain;
    } else if (radius < RADII.lipOutside) {
      slope = roundedSlope(radius, RADII.lipInside, RADII.lipOutside, height);
      slope += 0.16 * grain + 0.015 * fine;
      sideways = 0.12 * grain;
      const t = (radius - RADII.lipInside) / (RADII.lipOutside - RADII.lipInside);
      point.thickness = 3.4 + 1.5 * t + 0.6 * grain;
      point.below = 0.34 + 0.16 * Math.cos(8 * t + 0.6) + 0.16 * grain;
      point.below *= edgeShade(radius, RADII.lipInside, RADII.lipOutside);
    } else if (radius < RADII.collarInside) {
      slope = -0.9 + 0.3 * grain;
      point.roughness = 0.1;
      point.thickness = 4.2;
      point.below = 0.12;
    } else if (radius < RADII.collarOutside) {
      slope = roundedSlope(radius, RADII.collarInside, RADII.collarOutside, groove);
      slope += 0.2 * grain + 0.05 * fine;
      sideways = 0.25 * grain + 0.06 * fine;
      const t = (radius - RADII.collarInside) / (RADII.collarOutside - RADII.collarInside);
      point.thickness = 2.3 + 0.6 * grain;
      // The bead works as a lens and draws the table to a bright line, here and there broken.
      const line = smoothstep(0.16, 0, Math.abs(t - 0.55 - 0.25 * grain));
      point.below = 0.2 + (0.8 + 0.9 * grain + 0.3 * fine) * line;
      point.below *= edgeShade(radius, RADII.collarInside, RADII.collarOutside);
    } else {
      const t = (radius - RADII.collarOutside) / (1 - RADII.collarOutside);
      slope = -0.3 - 0.9 * t * t - 2.2 * smoothstep(0.75, 1, t);
      sideways = 0.1 * swirl(3 * bx, 3 * by);
      point.roughness = 0.1 + 0.2 * t;
      point.thickness = 3.6 + 1.6 * smoothstep(0.3, 0.7, t) - 1.7 * smoothstep(0.85, 1.02, t);
      point.below = 0.42 - 0.14 * Math.cos(8 * t) + 0.16 * swirl(2 * bx, 2 * by);
      point.below *= 0.35 + 0.65 * smoothstep(0, 0.16, t);
    }
    // Two mould seams: faint lines across lip and collar, where two halves of the mould met.
    if (radius < RADII.collarOutside && Math.abs(by) < 0.012) {
      sideways += 0.3 * (1 - Math.abs(by) / 0.012) * (by > 0 ? 1 : -1);
    }
    point.thickness *= wall;
    point.slopeX = slope * ux - sideways * uy;
    point.slopeY = slope * uy + sideways * ux;
  };
}

/** Rounded edges swallow light where they turn away. */
function edgeShade(radius: number, inside: number, outside: number): number {
  return 0.25 + 0.75 * smoothstep(0, 0.025, Math.min(radius - inside, outside - radius));
}

/** Through the mouth: the dark inside, and the base with its ring far below. */
function fillInside(point: GlassPoint, radius: number, x: number, y: number, glow: number): void {
  const base = Math.sqrt(x * x + y * y);
  const vignette = smoothstep(RADII.mouth + 0.02, 0.22, radius);
  point.slopeX = 0.02 * x;
  point.slopeY = 0.02 * y;
  point.roughness = 0;
  point.thickness =
    3.4 - 1.2 * smoothstep(0.05, 0.0, Math.abs(base - 0.27)) - 0.5 * smoothstep(0.3, 0, base);
  point.below = glow * (0.05 + 0.4 * vignette);
}
