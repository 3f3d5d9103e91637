import type { Random } from '../../random/random';
import type { Light } from './film';
import { fractalNoise, mix, smoothstep } from './noise';
import { blob, stroke } from './shapes';

export type Colour = readonly [red: number, green: number, blue: number];

/** Paper, cork, rust, grey dust and soot, as they look in the light of the lamps. */
const MATTER: readonly Colour[] = [
  [0.42, 0.4, 0.35],
  [0.2, 0.12, 0.06],
  [0.22, 0.07, 0.025],
  [0.12, 0.125, 0.13],
  [0.012, 0.012, 0.012],
];

/** Lies on a surface: changes the light that left it; returns the share that is defect, 0 to 1. */
export type Cover = (x: number, y: number, light: Light) => number;

/** Draws where a piece lies that reaches `margin` from its middle. */
export type Place = (random: Random, margin: number) => [x: number, y: number];

/**
 * Something that does not belong there: a flake, a smear, a fibre, or crumbs.
 *
 * @param severity 0 for small and faint to 1 for large and strong
 * @param place in units of which about two span the product
 */
export function dirt(random: Random, severity: number, place: Place): Cover {
  const kinds = [flake, smear, fibre, crumbs];
  return kinds[random.int(kinds.length)](random, severity, place);
}

function lay(light: Light, [red, green, blue]: Colour, share: number): void {
  light.red = mix(light.red, red, share);
  light.green = mix(light.green, green, share);
  light.blue = mix(light.blue, blue, share);
}

/** A torn, opaque piece with a fibrous surface. */
function flake(random: Random, severity: number, place: Place): Cover {
  const radius = mix(0.07, 0.26, severity) * random.uniform(0.85, 1.15);
  const [x, y] = place(random, 0.5 * radius);
  const piece = blob(random, { x, y, radius, stretch: random.uniform(1, 2.2), raggedness: 0.6 });
  const matter = MATTER[random.int(MATTER.length)];
  const grain = fractalNoise(random.int(2 ** 31), 3);
  const opacity = mix(0.6, 1, severity);
  const lit = random.uniform(0, 2 * Math.PI);
  const slopeX = Math.cos(lit) / radius;
  const slopeY = Math.sin(lit) / radius;
  return (px, py, light) => {
    const depth = piece.depth(px, py) + 0.1 * grain(16 * px, 16 * py);
    if (depth <= 0) return 0;
    const share = smoothstep(0, 0.06, depth);
    const slant = 0.25 * ((px - x) * slopeX + (py - y) * slopeY);
    const tone = Math.max(1 + slant + 0.8 * grain(22 * px, 22 * py), 0.2);
    const [red, green, blue] = matter;
    lay(light, [red * tone, green * tone, blue * tone], share * opacity);
    return share;
  };
}

/** A hazy film: dried water, grease or dust. */
function smear(random: Random, severity: number, place: Place): Cover {
  const radius = mix(0.1, 0.28, severity) * random.uniform(0.85, 1.15);
  const [x, y] = place(random, 0.6 * radius);
  const film = blob(random, { x, y, radius, stretch: random.uniform(1, 1.8), raggedness: 0.5 });
  const clouds = fractalNoise(random.int(2 ** 31), 4);
  const strength = mix(0.045, 0.13, severity);
  const dark = random.next() < 0.3;
  return (px, py, light) => {
    const depth = film.depth(px, py);
    if (depth <= 0) return 0;
    const share = smoothstep(0, 0.3, depth);
    const cloud = Math.max(0.75 + 0.9 * clouds(10 * px, 10 * py), 0.15) * share;
    if (dark) lay(light, [0.008, 0.008, 0.007], Math.min(6 * strength * cloud, 0.9));
    else {
      light.red += strength * cloud;
      light.green += strength * cloud;
      light.blue += 0.9 * strength * cloud;
    }
    return smoothstep(0.1, 0.3, share);
  };
}

/** A hair or thread, dark or light. */
function fibre(random: Random, severity: number, place: Place): Cover {
  const length = mix(0.2, 0.75, severity) * random.uniform(0.85, 1.15);
  const [x, y] = place(random, 0.25);
  const line = stroke(random, { x, y, length, bend: random.uniform(1, 3.5) });
  const half = mix(0.007, 0.014, severity);
  const colour = random.next() < 0.5 ? MATTER[0] : MATTER[4];
  const opacity = mix(0.6, 0.95, severity);
  const point = { across: 0, along: 0 };
  const { left, top, right, bottom } = line.box;
  return (px, py, light) => {
    if (px < left - half || px > right + half || py < top - half || py > bottom + half) return 0;
    line.locate(px, py, point);
    const distance = Math.abs(point.across) / half;
    if (distance >= 1) return 0;
    const share = smoothstep(1, 0.7, distance);
    // Round, so lighter along its middle.
    const round = 1.15 - 0.5 * distance * distance;
    lay(light, [colour[0] * round, colour[1] * round, colour[2] * round], share * opacity);
    return share;
  };
}

/** Several small pieces close together. */
function crumbs(random: Random, severity: number, place: Place): Cover {
  const count = 2 + random.int(Math.round(mix(3, 9, severity)));
  const spread = mix(0.08, 0.22, severity);
  const [x, y] = place(random, spread);
  const pieces = Array.from({ length: count }, () => ({
    ...blob(random, {
      x: x + random.uniform(-1, 1) * spread,
      y: y + random.uniform(-1, 1) * spread,
      radius: mix(0.018, 0.05, severity * random.next()),
      stretch: random.uniform(1, 2),
      raggedness: 0.5,
    }),
    matter: MATTER[random.int(MATTER.length)],
    tone: random.uniform(0.7, 1.3),
  }));
  return (px, py, light) => {
    let defect = 0;
    for (const { box, depth, matter, tone } of pieces) {
      if (px < box.left || px > box.right || py < box.top || py > box.bottom) continue;
      const inside = depth(px, py);
      if (inside <= 0) continue;
      const share = smoothstep(0, 0.2, inside);
      const lit = tone * (0.7 + 0.5 * Math.min(inside, 1));
      lay(light, [matter[0] * lit, matter[1] * lit, matter[2] * lit], share);
      defect = Math.max(defect, share);
    }
    return defect;
  };
}
