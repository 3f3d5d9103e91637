import type { Random } from '../../random/random';
import { expose } from './film';
import type { Light, Rendering } from './film';
import { gradientNoise, smoothstep } from './noise';

/** A defect of a bottle; x and y from the bottle's axis, in outer radii. */
export interface BottleDefect {
  /** Changes the glass; returns the share of the point that is defect, 0 to 1. */
  changeGlass?(x: number, y: number, point: GlassPoint): number;
  /** Lies on the glass: changes the light that left it; returns the share that is defect. */
  cover?(x: number, y: number, light: Light): number;
}

/**
 * A bottle of green glass on a bright table, seen from above: mouth, lip, collar and shoulder.
 * Each picture has its own small shift, size, lean, turn of the bottle and light.
 *
 * @param random the whole picture derives from it
 * @param size side in pixels
 */
export function renderBottle(random: Random, size: number, defect: BottleDefect = {}): Rendering {
  const pose = random.fork('pose');
  const centreX = 0.5 + pose.uniform(-0.012, 0.012);
  const centreY = 0.5 + pose.uniform(-0.012, 0.012);
  const radius = 0.445 * pose.uniform(0.99, 1.01);
  // The mouth is nearer to the camera than the shoulder, and moves against it when seen askew.
  const leanX = pose.uniform(-0.014, 0.014);
  const leanY = pose.uniform(-0.014, 0.014);

  const shape = bottleShape(random.fork('shape'));
  const light = random.fork('light');
  const lamps = inspectionLamps(light);
  const table = light.uniform(1.3, 1.7);
  const tiltX = light.uniform(-0.08, 0.08);
  const tiltY = light.uniform(-0.08, 0.08);
  const camera = {
    exposure: light.uniform(0.94, 1.06),
    balance: [light.uniform(0.97, 1.03), light.uniform(0.97, 1.03)] as const,
    noise: light.uniform(0.8, 1.4),
  };
  const point: GlassPoint = {
    slopeX: 0,
    slopeY: 0,
    thickness: 0,
    roughness: 0,
    below: 0,
    haze: 0,
  };

  const scene = (imageX: number, imageY: number, out: Light) => {
    let x = (imageX - centreX) / radius;
    let y = (imageY - centreY) / radius;
    const distance = Math.sqrt(x * x + y * y);
    const back = table * (1 + tiltX * x + tiltY * y);
    // The shoulder lies out of focus: its edge is a ramp, and stains the table a little.
    const glass = smoothstep(1.02, 0.975, distance);
    if (glass > 0) {
      const near = smoothstep(1, 0.7, distance);
      x -= leanX * near;
      y -= leanY * near;
      shape(x, y, point);
      out.defect = defect.changeGlass?.(x, y, point) ?? 0;
      shadeGlass(point, lamps, out);
      if (defect.cover) out.defect = Math.max(out.defect, defect.cover(x, y, out));
      out.defect *= glass;
    } else {
      out.red = out.green = out.blue = 0;
    }
    const stain = 0.25 * smoothstep(1.16, 1, distance);
    const clear = 1 - glass;
    out.red = glass * out.red + clear * back * (1 - stain);
    out.green = glass * out.green + clear * back * (1 - 0.6 * stain);
    out.blue = glass * out.blue + clear * back * (1 - 0.8 * stain);
  };
  return expose(scene, size, camera, random.fork('sensor'));
}

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
function bottleShape(random: Random): BottleShape {
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
      // The bead acts as a lens and draws the table out into a bright line, here and there broken.
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

/** A point of glass as the camera looks down on it. */
export interface GlassPoint {
  /** Rise of the surface along x and y. */
  slopeX: number;
  slopeY: number;
  /** How much glass the light from below comes through, in wall thicknesses. */
  thickness: number;
  /** 0 for polished, 1 for frosted. */
  roughness: number;
  /** Light from below before it enters the glass; 1 for the bare table. */
  below: number;
  /** Light that crushed or dusty glass throws back, whatever its slope. */
  haze: number;
}

/** Share of red, green and blue that one wall thickness swallows, as an exponent. */
const ABSORPTION = [1.15, 0.42, 0.8] as const;

/** What glass sends to the camera: the lamps that it mirrors, and the light that comes through. */
function shadeGlass(point: GlassPoint, lamps: Lamps, light: Light): void {
  const { slopeX, slopeY, thickness, below, haze } = point;
  const cosine = 1 / Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
  const grazing = 1 - cosine;
  const squared = grazing * grazing;
  // Schlick's approximation of Fresnel's law for glass.
  const mirror = 0.045 + 0.955 * squared * squared * grazing;
  const reflected = mirror * lamps(slopeX, slopeY, point.roughness) + haze;
  const through = (1 - mirror) * below;
  light.red = reflected + through * Math.exp(-ABSORPTION[0] * thickness);
  light.green = reflected + through * Math.exp(-ABSORPTION[1] * thickness);
  light.blue = reflected + through * Math.exp(-ABSORPTION[2] * thickness);
}

/** How bright the surroundings look when mirrored by a surface with this slope. */
export type Lamps = (slopeX: number, slopeY: number, roughness: number) => number;

/** Smooth bump of height 1, zero from `width` on. */
function bump(x: number, centre: number, width: number): number {
  const t = (x - centre) / width;
  const rest = 1 - t * t;
  return rest > 0 ? rest * rest : 0;
}

/**
 * What stands around the bottle: a dark camera straight above, a ring light around it, soft boxes
 * to the sides, and the bright table below. Lamps stay where they are from picture to picture,
 * give or take a little, while the bottle turns.
 */
function inspectionLamps(random: Random): Lamps {
  const ring = { angle: random.uniform(0.4, 0.46), light: random.uniform(3, 4.5) };
  const boxes = [0.6, 2.3, 3.9, 5.4].map((azimuth) => {
    const turned = azimuth + random.uniform(-0.08, 0.08);
    return {
      x: Math.cos(turned),
      y: Math.sin(turned),
      angle: random.uniform(0.92, 1.02),
      light: random.uniform(9, 16),
      edge: Math.cos(random.uniform(0.36, 0.46)),
    };
  });
  const table = random.uniform(0.5, 0.65);

  return (slopeX, slopeY, roughness) => {
    const slope = Math.sqrt(slopeX * slopeX + slopeY * slopeY);
    const angle = 2 * Math.atan(slope);
    let light = 0.1 + ring.light * bump(angle, ring.angle, 0.09 + roughness) * soften(roughness);
    light += table * smoothstep(1.7, 2.4, angle);
    if (slope > 0) {
      const x = -slopeX / slope;
      const y = -slopeY / slope;
      for (const box of boxes) {
        const towards = x * box.x + y * box.y;
        const spread = 0.06 + 0.3 * roughness;
        light +=
          box.light *
          bump(angle, box.angle, 0.3 + roughness) *
          smoothstep(box.edge - spread, box.edge + spread, towards) *
          soften(roughness);
      }
    }
    return light;
  };
}

/** A rough surface spreads the same light over a wider range. */
function soften(roughness: number): number {
  return 1 / (1 + 4 * roughness);
}
