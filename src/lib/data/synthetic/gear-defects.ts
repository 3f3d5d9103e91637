import type { Random } from '../../random/random';
import { dirt } from './dirt';
import { CHAMFER, GEAR } from './gear';
import type { GearDefect, MetalPoint } from './gear';
import { fractalNoise, gradientNoise, mix, smoothstep } from './noise';
import { blob, Box, growBox, stroke } from './shapes';

/** A place on the face that lies at least `margin` from every hole and from the teeth. */
function onFace(random: Random, margin: number): [x: number, y: number] {
  const inside = Math.min(margin, 0.08);
  for (;;) {
    const radius = Math.sqrt(random.uniform((GEAR.keyway.end + inside) ** 2, (0.86 - inside) ** 2));
    const angle = random.uniform(0, 2 * Math.PI);
    const x = radius * Math.cos(angle);
    const y = radius * Math.sin(angle);
    const clear = GEAR.holeRadius + inside;
    if (GEAR.holes.every((hole) => (x - hole.x) ** 2 + (y - hole.y) ** 2 > clear * clear)) {
      return [x, y];
    }
  }
}

const isOutside = (x: number, y: number, { left, top, right, bottom }: Box) =>
  x < left || x > right || y < top || y > bottom;

/** Takes the metal's colour towards another by `share`. */
function tint(point: MetalPoint, red: number, green: number, blue: number, share: number): void {
  point.red = mix(point.red, red, share);
  point.green = mix(point.green, green, share);
  point.blue = mix(point.blue, blue, share);
}

/** Makes the surface dull: highlights spread alike in all directions. */
function roughen(point: MetalPoint, spread: number, share: number): void {
  point.spreadAlong = mix(point.spreadAlong, spread, share);
  point.spreadAcross = mix(point.spreadAcross, spread, share);
}

/**
 * Gear, type "scratch": one line across the grooves, or a few side by side, that scatters the
 * highlight where it crosses one and shines a little beside it.
 *
 * @param severity 0 for a short hairline to 1 for a long, broad score
 */
export function scratch(random: Random, severity: number): GearDefect {
  const [x, y] = onFace(random, 0.05);
  const length = mix(0.16, 0.75, severity) * random.uniform(0.85, 1.15);
  const half = mix(0.009, 0.017, severity) * random.uniform(0.9, 1.1);
  const line = stroke(random, { x, y, length, bend: random.uniform(0.05, 0.6) });
  const lines = severity > 0.4 && random.next() < 0.4 ? 2 : 1;
  const offset = random.uniform(3, 6) * half;
  const pressure = gradientNoise(random.int(2 ** 31));
  const bright = mix(1.25, 1.7, severity) * random.uniform(0.9, 1.1);
  const box = growBox(line.box, half + offset);
  const at = { across: 0, along: 0 };
  return {
    changeMetal(px, py, point) {
      if (isOutside(px, py, box)) return 0;
      line.locate(px, py, at);
      let distance = Math.abs(at.across);
      if (lines === 2) distance = Math.min(distance, Math.abs(at.across - offset));
      const ends = smoothstep(0, 0.12, at.along) * smoothstep(1, 0.8, at.along);
      const width = half * ends * (1 + 0.7 * pressure(9 * at.along, 0.5));
      if (distance >= width) return 0;
      const share = smoothstep(width, 0.5 * width, distance);
      point.slopeX *= 1 - 0.5 * share;
      point.slopeY *= 1 - 0.5 * share;
      roughen(point, 0.3, share);
      const shine = mix(1, bright, share);
      tint(point, point.red * shine, point.green * shine, point.blue * shine, 1);
      return 1;
    },
  };
}

/**
 * Gear, type "dent": a bruise that something hard left, whose slopes mirror other parts of the
 * lamps than the face around it.
 *
 * @param severity 0 for a small, shallow one to 1 for a broad, deep one
 */
export function dent(random: Random, severity: number): GearDefect {
  const [x, y] = onFace(random, 0.04);
  const radius = mix(0.04, 0.12, severity) * random.uniform(0.9, 1.1);
  const bruise = blob(random, {
    x,
    y,
    radius,
    stretch: random.uniform(1, 2.2),
    raggedness: 0.16,
  });
  const steep = mix(0.16, 0.42, severity) * random.uniform(0.9, 1.2);
  return {
    changeMetal(px, py, point) {
      if (isOutside(px, py, bruise.box)) return 0;
      const depth = bruise.depth(px, py);
      if (depth <= 0) return 0;
      const step = 0.15;
      const alongX = (bruise.depth(px + step * radius, py) - depth) / step;
      const alongY = (bruise.depth(px, py + step * radius) - depth) / step;
      // Rounded at the rim and at the bottom.
      const t = Math.min(depth, 1);
      const slope = 4 * t * (1 - t) * steep;
      point.slopeX -= slope * alongX;
      point.slopeY -= slope * alongY;
      const pressed = smoothstep(0, 0.5, depth);
      roughen(point, 0.35, 0.6 * pressed);
      const shade = 1 - mix(0.1, 0.22, severity) * pressed;
      tint(point, point.red * shade, point.green * shade, point.blue * shade, 1);
      return smoothstep(0.02, 0.1, depth);
    },
  };
}

const PITCH = (2 * Math.PI) / GEAR.teeth;

/**
 * Gear, type "broken_tooth": a corner of a tooth, or all of it, has broken off; the break is rough
 * and dull.
 *
 * @param severity 0 for a chip off the tip to 1 for a whole tooth
 */
export function brokenTooth(random: Random, severity: number): GearDefect {
  const angle = PITCH * random.int(GEAR.teeth);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  // The break runs askew over the tooth, deeper on one side.
  const left = mix(0.955, GEAR.root + 0.005, severity) + random.uniform(-0.008, 0.008);
  const slant = random.uniform(0.3, 0.9) * (random.next() < 0.5 ? -1 : 1) * mix(1, 0.35, severity);
  const ragged = fractalNoise(random.int(2 ** 31), 3);
  const facets = gradientNoise(random.int(2 ** 31));
  const band = mix(0.02, 0.05, severity);
  const breakDepth = (x: number, y: number) => {
    const out = x * cos + y * sin;
    const beside = y * cos - x * sin;
    if (out < 0.8 || Math.abs(beside) > 0.5 * PITCH) return 1;
    return left + slant * beside - out + 0.02 * ragged(24 * x, 24 * y);
  };
  return {
    changeOutline: (x, y, depth) => Math.min(depth, breakDepth(x, y)),
    changeMetal(x, y, point) {
      const depth = breakDepth(x, y);
      if (depth > band) return 0;
      const share = smoothstep(band, 0.6 * band, depth);
      point.slopeX = mix(point.slopeX, 0.5 * cos + 0.8 * facets(40 * x, 40 * y), share);
      point.slopeY = mix(point.slopeY, 0.5 * sin + 0.8 * facets(40 * x + 9, 40 * y), share);
      roughen(point, 0.5, share);
      const dull = 0.75 + 0.5 * facets(70 * x, 70 * y);
      tint(point, 0.62 * dull, 0.6 * dull, 0.58 * dull, share);
      return smoothstep(0, 0.2, share);
    },
  };
}

/**
 * Gear, type "burr": a ragged sliver that the tool pushed over an edge, at the teeth or in a hole.
 *
 * @param severity 0 for a short fringe of a hundredth of the radius to 1 for a long, thick one
 */
export function burr(random: Random, severity: number): GearDefect {
  const atTooth = random.next() < 0.6;
  const hole = GEAR.holes[random.int(GEAR.holes.length)];
  const around = random.uniform(0, 2 * Math.PI);
  const tooth = PITCH * (random.int(GEAR.teeth) + (random.next() < 0.5 ? -0.2 : 0.2));
  const out = random.uniform(0.9, 0.99);
  const x = atTooth ? out * Math.cos(tooth) : hole.x + GEAR.holeRadius * Math.cos(around);
  const y = atTooth ? out * Math.sin(tooth) : hole.y + GEAR.holeRadius * Math.sin(around);
  const reach = mix(0.05, 0.095, severity) * random.uniform(0.9, 1.1);
  const height = mix(0.022, 0.042, severity) * random.uniform(0.9, 1.1);
  const fringe = fractalNoise(random.int(2 ** 31), 2);
  const near = (px: number, py: number) =>
    smoothstep(reach, 0.4 * reach, Math.sqrt((px - x) ** 2 + (py - y) ** 2));
  return {
    changeOutline(px, py, depth) {
      if (depth > CHAMFER || depth < -0.08) return depth;
      const close = near(px, py);
      if (close === 0) return depth;
      return depth + height * close * Math.max(0.7 + 1.1 * fringe(32 * px, 32 * py), 0);
    },
    changeMetal(px, py, point) {
      const close = near(px, py);
      if (close === 0) return 0;
      // The metal curls up along the edge, and rises out of the face a little behind it.
      const share =
        smoothstep(0.1, 0.5, close) * smoothstep(1.6 * CHAMFER, 0.4 * CHAMFER, point.depth);
      if (share === 0) return 0;
      point.slopeX = mix(point.slopeX, 0.9 * fringe(18 * px, 18 * py), share);
      point.slopeY = mix(point.slopeY, 0.9 * fringe(18 * px + 7, 18 * py), share);
      roughen(point, 0.2, share);
      const shine = 1 + 0.35 * share;
      tint(point, point.red * shine, point.green * shine, point.blue * shine, 1);
      return smoothstep(0, 0.2, share);
    },
  };
}

/**
 * Gear, type "missing_hole": one of the six holes is too narrow, only begun by the drill, or not
 * there at all.
 *
 * @param severity 0 for a hole of 7/10 of the width; from 1/2 on the face is closed
 */
export function missingHole(random: Random, severity: number): GearDefect {
  const hole = GEAR.holes[random.int(GEAR.holes.length)];
  const closed = severity >= 0.5;
  const narrow = closed ? 0 : GEAR.holeRadius * mix(0.72, 0.3, 2 * severity);
  // A drill that was stopped leaves a cone.
  const begun = closed && random.next() < 0.5 ? GEAR.holeRadius * random.uniform(0.2, 0.5) : 0;
  const rim = GEAR.holeRadius + CHAMFER;
  const distanceTo = (x: number, y: number) => Math.sqrt((x - hole.x) ** 2 + (y - hole.y) ** 2);
  return {
    changeOutline(x, y, depth) {
      const distance = distanceTo(x, y);
      if (distance > rim) return depth;
      return closed ? 1 : distance - narrow;
    },
    changeMetal(x, y, point) {
      const distance = distanceTo(x, y);
      if (distance > rim) return 0;
      if (distance < begun) {
        point.slopeX = (0.75 * (hole.x - x)) / (distance + 1e-3);
        point.slopeY = (0.75 * (hole.y - y)) / (distance + 1e-3);
        point.grooveX = (hole.y - y) / (distance + 1e-3);
        point.grooveY = (x - hole.x) / (distance + 1e-3);
        tint(point, 0.1, 0.1, 0.1, smoothstep(begun, 0, distance) * 0.8);
      }
      return 1;
    },
  };
}

/**
 * Gear, type "contamination": a flake, a smear, a fibre or crumbs on the face.
 *
 * @param severity 0 for small and faint to 1 for large and strong
 */
export function contamination(random: Random, severity: number): GearDefect {
  return { cover: dirt(random, 0.75 * severity, onFace) };
}

/** What rust, burnt oil, straw and blue tempering leave of the light, and how dull they are. */
const STAINS = [
  { red: 0.42, green: 0.22, blue: 0.11, dull: 0.8 },
  { red: 0.5, green: 0.44, blue: 0.34, dull: 0.3 },
  { red: 1, green: 0.84, blue: 0.58, dull: 0 },
  { red: 0.72, green: 0.8, blue: 1, dull: 0 },
] as const;

/**
 * Gear, type "stain": rust, dried oil or the colours of heat on the metal, which keeps its grooves.
 *
 * @param severity 0 for a faint, small one to 1 for a strong, large one
 */
export function stain(random: Random, severity: number): GearDefect {
  const [x, y] = onFace(random, 0.05);
  const radius = mix(0.07, 0.2, severity) * random.uniform(0.9, 1.1);
  const spot = blob(random, { x, y, radius, stretch: random.uniform(1, 2), raggedness: 0.55 });
  const { red, green, blue, dull } = STAINS[random.int(STAINS.length)];
  const soak = fractalNoise(random.int(2 ** 31), 3);
  const opacity = mix(0.5, 1, severity) * random.uniform(0.9, 1.1);
  return {
    changeMetal(px, py, point) {
      if (isOutside(px, py, spot.box)) return 0;
      const depth = spot.depth(px, py) + 0.3 * soak(11 * px, 11 * py);
      if (depth <= 0) return 0;
      const share = smoothstep(0, 0.3, depth) * opacity * (0.8 + 0.6 * soak(20 * px, 20 * py));
      const { red: r, green: g, blue: b } = point;
      tint(point, r * red, g * green, b * blue, Math.min(Math.max(share, 0), 1));
      roughen(point, 0.45, dull * Math.min(Math.max(share, 0), 1));
      return smoothstep(0.02, 0.1, depth);
    },
  };
}

/** The types of defect of a gear. */
export const GEAR_DEFECTS = {
  broken_tooth: brokenTooth,
  burr,
  contamination,
  dent,
  missing_hole: missingHole,
  scratch,
  stain,
};
