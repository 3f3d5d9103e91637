import type { Random } from '../../random/random';
import { expose } from './film';
import type { Light, Rendering } from './film';
import { gradientNoise, mix, smoothstep } from './noise';

/** A defect of a gear; x and y from the gear's axis, in tip radii, in a frame that turns with it. */
export interface GearDefect {
  /** Adds or takes away metal; `depth` is how far inside the metal a point of a whole gear lies. */
  changeOutline?(x: number, y: number, depth: number): number;
  /** Changes the surface of the metal; returns the share of the point that is defect, 0 to 1. */
  changeMetal?(x: number, y: number, point: MetalPoint): number;
  /** Lies on the metal: changes the light that left it; returns the share that is defect. */
  cover?(x: number, y: number, light: Light): number;
}

/** The surface of machined metal at a point. */
export interface MetalPoint {
  /** How far inside the metal of a flawless gear it lies, in tip radii. */
  depth: number;
  slopeX: number;
  slopeY: number;
  /** Unit vector along the grooves that the tool left. */
  grooveX: number;
  grooveY: number;
  /** How far a highlight spreads along the grooves, and across them, as slopes. */
  spreadAlong: number;
  spreadAcross: number;
  /** Share of red, green and blue that the metal mirrors. */
  red: number;
  green: number;
  blue: number;
}

/**
 * A steel gear on a grey mat, seen from above: teeth, rim, recessed web with six holes, hub, bore
 * and keyway, all turned on a lathe. It lies anywhere near the middle, at any angle, while the
 * lamps stay: the highlights that fan out over the grooves do not turn with the gear.
 *
 * @param random the whole picture derives from it
 * @param size side in pixels
 */
export function renderGear(random: Random, size: number, defect: GearDefect = {}): Rendering {
  const pose = random.fork('pose');
  const centreX = 0.5 + pose.uniform(-0.045, 0.045);
  const centreY = 0.5 + pose.uniform(-0.045, 0.045);
  const radius = 0.405 * pose.uniform(0.95, 1.05);
  const turn = pose.uniform(0, 2 * Math.PI);
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  // The lower edge of a hole is farther from the camera: it moves towards the picture's middle.
  const viewX = pose.uniform(-0.02, 0.02) - 0.4 * (centreX - 0.5);
  const viewY = pose.uniform(-0.02, 0.02) - 0.4 * (centreY - 0.5);

  const finish = turnedFinish(random.fork('finish'));
  const light = random.fork('light');
  const lamps = [
    { azimuth: -2.2, tilt: 0.36, strength: 1, width: 0.1 },
    { azimuth: 0.45, tilt: 0.42, strength: 0.55, width: 0.08 },
  ].map(({ azimuth, tilt, strength, width }) => {
    const seen = azimuth + light.uniform(-0.15, 0.15) - turn;
    const slope = tilt * light.uniform(0.9, 1.1);
    return {
      x: slope * Math.cos(seen),
      y: slope * Math.sin(seen),
      strength: strength * light.uniform(0.8, 1.2),
      width: width * light.uniform(0.85, 1.2),
    };
  });
  const dome = light.uniform(0.095, 0.125);
  const camera = {
    exposure: light.uniform(0.9, 1.1),
    balance: [light.uniform(0.97, 1.03), light.uniform(0.97, 1.03)] as const,
    noise: light.uniform(0.9, 1.5),
  };
  const mat = light.uniform(0.22, 0.27);
  const tiltX = light.uniform(-0.15, 0.15);
  const tiltY = light.uniform(-0.15, 0.15);
  const grain = gradientNoise(random.fork('mat').int(2 ** 31));

  const depthAt = (x: number, y: number) => {
    const depth = wholeGear(x, y);
    return defect.changeOutline ? defect.changeOutline(x, y, depth) : depth;
  };
  const shade = (x: number, y: number, point: MetalPoint, out: Light) => {
    const { slopeX, slopeY, grooveX, grooveY, spreadAlong, spreadAcross } = point;
    let mirrored = dome * (1 - 0.25 * Math.min(slopeX * slopeX + slopeY * slopeY, 2));
    for (const lamp of lamps) {
      // Between lamp and camera, from where the point lies: the lamps are near.
      const hx = lamp.x - 0.1 * x + slopeX;
      const hy = lamp.y - 0.1 * y + slopeY;
      const along = (hx * grooveX + hy * grooveY) / (lamp.width + spreadAlong);
      const across = (hx * grooveY - hy * grooveX) / (lamp.width + spreadAcross);
      const energy = lamp.width / (lamp.width + spreadAlong);
      mirrored += lamp.strength * energy * Math.exp(-along * along - across * across);
      // What the finest roughness scatters.
      mirrored += (0.08 * lamp.strength) / (1 + 4 * (hx * hx + hy * hy));
    }
    out.red = mirrored * point.red;
    out.green = mirrored * point.green;
    out.blue = mirrored * point.blue;
  };
  const point: MetalPoint = {
    depth: 0,
    slopeX: 0,
    slopeY: 0,
    grooveX: 1,
    grooveY: 0,
    spreadAlong: 0,
    spreadAcross: 0,
    red: 1,
    green: 1,
    blue: 1,
  };
  const shadowX = 0.05 * Math.cos(0.94 - turn);
  const shadowY = 0.05 * Math.sin(0.94 - turn);

  const scene = (imageX: number, imageY: number, out: Light) => {
    const px = (imageX - centreX) / radius;
    const py = (imageY - centreY) / radius;
    const x = px * cos + py * sin;
    const y = py * cos - px * sin;
    const whole = wholeGear(x, y);
    const depth = defect.changeOutline ? defect.changeOutline(x, y, whole) : whole;
    if (depth <= 0) {
      if (whole > 0) out.defect = 1;
      const weave = 1 + 0.1 * grain(190 * imageX, 190 * imageY);
      let floor = mat * weave * (1 + tiltX * (imageX - 0.5) + tiltY * (imageY - 0.5));
      if (x * x + y * y > 0.64) {
        const shadow = smoothstep(-0.07, 0.03, depthAt(x - shadowX, y - shadowY));
        floor *= (1 - 0.62 * shadow) * (1 - 0.35 * smoothstep(-0.05, 0, depth));
      } else {
        // Through a hole one sees its wall on one side, and the mat in the shadow.
        const below = -depthAt(x - viewX * cos - viewY * sin, y + viewX * sin - viewY * cos);
        const lit = -depthAt(x - 2 * shadowX, y - 2 * shadowY);
        floor *= 0.1 + 0.5 * smoothstep(-0.02, 0.05, lit);
        floor = mix(0.02 + 0.06 * smoothstep(0.02, -0.06, lit), floor, smoothstep(0, 0.01, below));
      }
      out.red = 0.96 * floor;
      out.green = floor;
      out.blue = 1.04 * floor;
      return;
    }
    finish(x, y, point);
    point.depth = whole;
    if (depth < CHAMFER) {
      const edgeX = (depthAt(x + 1e-3, y) - depth) * 1e3;
      const edgeY = (depthAt(x, y + 1e-3) - depth) * 1e3;
      const share = smoothstep(CHAMFER, 0.6 * CHAMFER, depth);
      point.slopeX = mix(point.slopeX, 0.6 * edgeX, share);
      point.slopeY = mix(point.slopeY, 0.6 * edgeY, share);
      point.spreadAlong = mix(point.spreadAlong, 0.15, share);
      point.spreadAcross = mix(point.spreadAcross, 0.15, share);
    }
    const moved = depth !== whole && (whole <= 0 || Math.min(depth, whole) < CHAMFER);
    const changed = defect.changeMetal?.(x, y, point) ?? 0;
    out.defect = Math.max(moved ? 1 : 0, changed);
    shade(x, y, point, out);
    if (defect.cover) out.defect = Math.max(out.defect, defect.cover(x, y, out));
  };
  return expose(scene, size, camera, random.fork('sensor'));
}

/** Measures of the gear, in tip radii. */
export const GEAR = {
  teeth: 24,
  root: 0.855,
  /** Where the rim steps down to the web, and the web up to the hub. */
  web: 0.75,
  hub: 0.37,
  bore: 0.17,
  keyway: { end: 0.235, half: 0.045 },
  holes: Array.from({ length: 6 }, (_, i) => ({
    x: 0.56 * Math.cos((i * Math.PI) / 3 + 0.4),
    y: 0.56 * Math.sin((i * Math.PI) / 3 + 0.4),
  })),
  holeRadius: 0.085,
} as const;

/** Breadth of the bevel along every edge. */
export const CHAMFER = 0.016;

/** How far inside the metal a point of a flawless gear lies; negative beside it and in its holes. */
function wholeGear(x: number, y: number): number {
  const radius = Math.sqrt(x * x + y * y);
  if (radius > 1.2) return 1 - radius;
  if (radius > 0.78) {
    const pitch = (2 * Math.PI) / GEAR.teeth;
    const turned = Math.atan2(y, x) / pitch;
    const beside = Math.abs(turned - Math.round(turned)) * pitch * radius;
    const t = Math.min(Math.max((radius - GEAR.root) / (1 - GEAR.root), 0), 1.2);
    // An involute's flank leans in towards the tip; a fillet widens its foot.
    const half = 0.043 + 0.035 * (1 - t * t) + 0.03 * smoothstep(0.25, 0, t) ** 2;
    return Math.max(Math.min(half - beside, 1 - radius), GEAR.root - radius);
  }
  const { end, half } = GEAR.keyway;
  const inBore = Math.max(GEAR.bore - radius, Math.min(end - x, half - Math.abs(y), x));
  let depth = Math.min(-inBore, GEAR.root - radius);
  if (radius > 0.4) {
    for (const hole of GEAR.holes) {
      const dx = x - hole.x;
      const dy = y - hole.y;
      depth = Math.min(depth, Math.sqrt(dx * dx + dy * dy) - GEAR.holeRadius);
    }
  }
  return depth;
}

/**
 * What the lathe left: concentric grooves, coarser on the web than on rim and hub, whose depth and
 * spacing differ from gear to gear, on steel that is nowhere quite evenly bright.
 */
function turnedFinish(random: Random): (x: number, y: number, point: MetalPoint) => void {
  const grooves = gradientNoise(random.int(2 ** 31));
  const wander = gradientNoise(random.int(2 ** 31));
  const cloud = gradientNoise(random.int(2 ** 31));
  const feeds = [random.uniform(85, 120), random.uniform(45, 75), random.uniform(80, 130)];
  const depths = [random.uniform(0.5, 1), random.uniform(0.7, 1.5), random.uniform(0.4, 1)];
  const tone = random.uniform(0.92, 1.08);
  const step = random.uniform(0.8, 1.1);
  const warmth = random.uniform(-0.02, 0.03);

  return (x, y, point) => {
    const radius = Math.sqrt(x * x + y * y) + 1e-9;
    const ux = x / radius;
    const uy = y / radius;
    const zone = radius > GEAR.web ? 0 : radius > GEAR.hub ? 1 : 2;
    const groove = grooves(feeds[zone] * radius, 0.7 * ux + 3 * zone);
    const band = wander(9 * radius + 5 * zone, 1.1 * uy);
    const depth = depths[zone];
    // Down to the web from the rim, and up again to the hub, by rounded walls.
    const down = smoothstep(0.03, 0, Math.abs(radius - GEAR.web));
    const up = smoothstep(0.03, 0, Math.abs(radius - GEAR.hub));
    const radial = 0.14 * depth * groove + step * (down - up);
    const tangential = 0.05 * depth * groove + 0.05 * band;
    point.slopeX = radial * ux - tangential * uy;
    point.slopeY = radial * uy + tangential * ux;
    point.grooveX = -uy;
    point.grooveY = ux;
    point.spreadAlong = 0.03 + 0.03 * depth;
    point.spreadAcross = 0.5;
    const corner = zone === 1 ? Math.min(GEAR.web - radius, radius - GEAR.hub) : 1;
    const shade = 1 - 0.35 * smoothstep(0.05, 0, corner);
    const bright =
      tone * shade * (1 + 0.16 * depth * groove + 0.12 * cloud(2.5 * x, 2.5 * y) + 0.08 * band);
    point.red = bright * (0.97 + warmth);
    point.green = 0.98 * bright;
    point.blue = bright * (1 - warmth);
  };
}
