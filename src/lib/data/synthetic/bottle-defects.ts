import type { Random } from '../../random/random';
import { RADII } from './bottle';
import type { BottleDefect, GlassPoint } from './bottle';
import { dirt } from './dirt';
import { cellMosaic, fractalNoise, gradientNoise, mix, smoothstep } from './noise';
import { blob } from './shapes';

/**
 * Bottle, type "broken_large": a stretch of the lip, often down to the collar or the shoulder, has
 * broken away. Splinters line the break; behind them one sees the dark inside.
 *
 * @param severity 0 for a tenth of the lip to 1 for nearly half of it
 */
export function brokenLarge(random: Random, severity: number): BottleDefect {
  const middle = random.uniform(0, 2 * Math.PI);
  const half = mix(0.35, 1.25, severity) * random.uniform(0.9, 1.1);
  const outer = mix(0.68, 0.9, 0.6 * severity + 0.4 * random.next());
  const inner = RADII.mouth - random.uniform(0, 0.015);
  const splinters = mix(0.05, 0.11, random.next());
  const outline = fractalNoise(random.int(2 ** 31), 3);
  const depths = fractalNoise(random.int(2 ** 31), 2);
  const hit = mix(inner, outer, 0.5);
  const broken = fracture(random, {
    x: hit * Math.cos(middle),
    y: hit * Math.sin(middle),
    facets: random.uniform(9, 15),
    crushed: random.uniform(0, 0.7),
    rough: random.uniform(0.5, 1),
  });

  return {
    changeGlass(x, y, point) {
      const radius = Math.sqrt(x * x + y * y);
      if (radius < inner || radius > outer + 0.12) return 0;
      const angle = Math.atan2(y, x) - middle;
      const turned = Math.abs(Math.atan2(Math.sin(angle), Math.cos(angle)));
      // How far inside the break, in radii: it narrows towards the outside like a bite.
      const ragged = 0.1 * outline(5 * x, 5 * y);
      const bite = outer - (outer - RADII.lipOutside + 0.1) * (turned / half) ** 2;
      const depth = Math.min((half - turned) * radius, bite - radius) + ragged;
      if (depth <= 0) return 0;
      const share = smoothstep(0, 0.008, depth);
      broken(x, y, share, point);
      // Beyond the splinters the wall is gone, and the break lies deep in the dark.
      const band = splinters * (1 + 1.3 * depths(6 * x, 6 * y));
      const gone = share * smoothstep(band, band + 0.03, depth) * smoothstep(0.8, 0.62, radius);
      point.slopeX = mix(point.slopeX, 0.3 * depths(3 * x, 3 * y), gone);
      point.slopeY = mix(point.slopeY, 0.3 * depths(3 * x + 9, 3 * y), gone);
      point.thickness = mix(point.thickness, 3.4, gone);
      point.below = mix(point.below, 0.12 + 0.1 * depths(4 * x, 4 * y), gone);
      point.haze *= 1 - gone;
      return share;
    },
  };
}

/**
 * Bottle, type "broken_small": a chip out of an edge of the lip or the collar, with facets and, in
 * the stronger ones, crushed white glass.
 *
 * @param severity 0 for a chip of a fiftieth of the width to 1 for a tenth
 */
export function brokenSmall(random: Random, severity: number): BottleDefect {
  const angle = random.uniform(0, 2 * Math.PI);
  const edges = [
    RADII.lipInside,
    RADII.lipInside + 0.06,
    RADII.lipOutside - 0.03,
    RADII.collarOutside - 0.04,
  ];
  const place = edges[random.int(edges.length)] + random.uniform(-0.015, 0.015);
  const x = place * Math.cos(angle);
  const y = place * Math.sin(angle);
  const radius = mix(0.035, 0.11, severity) * random.uniform(0.9, 1.1);
  const chip = blob(random, {
    x,
    y,
    radius,
    stretch: random.uniform(1, 2),
    raggedness: 0.5,
  });
  const broken = fracture(random, {
    x,
    y,
    facets: mix(30, 16, severity),
    crushed: severity * random.uniform(0.2, 1),
    rough: mix(0.2, 0.9, severity),
  });

  return {
    changeGlass(px, py, point) {
      const { left, top, right, bottom } = chip.box;
      if (px < left || px > right || py < top || py > bottom) return 0;
      const depth = chip.depth(px, py);
      if (depth <= 0 || px * px + py * py < RADII.mouth * RADII.mouth) return 0;
      const share = smoothstep(0, 0.15, depth);
      broken(px, py, share, point);
      return share;
    },
  };
}

/**
 * What a fresh break in glass looks like: facets at all angles, ripples that spread from where
 * it was hit, and white patches where it was crushed.
 */
export type Fracture = (x: number, y: number, share: number, point: GlassPoint) => void;

export interface FractureOptions {
  /** Where it was hit, in the coordinates of the picture of the bottle. */
  x: number;
  y: number;
  /** Facets to the outer radius. */
  facets: number;
  /** How much of it is crushed white, 0 to 1. */
  crushed: number;
  /** How steep the facets are: 0 for nearly smooth, 1 for splinters. */
  rough: number;
}

/** A fracture whose facets, once made, stay the same from point to point. */
function fracture(random: Random, options: FractureOptions): Fracture {
  const { x: hitX, y: hitY, facets, crushed, rough } = options;
  const mosaic = cellMosaic(random.int(2 ** 31));
  const bend = gradientNoise(random.int(2 ** 31));
  const powder = fractalNoise(random.int(2 ** 31), 3);
  const ripples = random.uniform(90, 150);
  const cell = { nearest: 0, second: 0, id: 0 };

  return (x, y, share, point) => {
    const u = facets * x + 0.8 * bend(0.6 * facets * x, 0.6 * facets * y);
    const v = facets * y + 0.8 * bend(0.6 * facets * x + 17, 0.6 * facets * y);
    mosaic(u, v, cell);
    const tiltX = ((cell.id & 0xff) / 127.5 - 1) * mix(0.4, 1.3, rough);
    const tiltY = (((cell.id >>> 8) & 0xff) / 127.5 - 1) * mix(0.4, 1.3, rough);
    const dx = x - hitX;
    const dy = y - hitY;
    const away = Math.sqrt(dx * dx + dy * dy) + 1e-6;
    const ripple = 0.22 * Math.sin(ripples * away + 4 * bend(3 * x, 3 * y));
    const edge = smoothstep(0.1, 0, cell.second - cell.nearest);

    point.slopeX = mix(point.slopeX, tiltX + (ripple * dx) / away, share);
    point.slopeY = mix(point.slopeY, tiltY + (ripple * dy) / away, share);
    const clear = ((cell.id >>> 16) & 0xff) / 255;
    point.thickness = mix(point.thickness, 1.6 + 2.6 * clear, share);
    point.below = mix(point.below, 0.1 + 0.45 * clear * clear + 0.25 * edge, share);
    point.roughness = mix(point.roughness, 0.03, share);
    const white = smoothstep(0.42 - 0.5 * crushed, 0.62 - 0.3 * crushed, powder(9 * x, 9 * y));
    point.haze += share * (white * mix(0.25, 0.6, crushed) + 0.05 * edge);
  };
}

/**
 * Bottle, type "contamination": something in the mouth or on the glass that does not belong
 * there: a flake, a smear, a fibre, or crumbs.
 *
 * @param severity 0 for small and faint to 1 for large and strong
 */
export function contamination(random: Random, severity: number): BottleDefect {
  return { cover: dirt(random, severity, place) };
}

/** A place in the mouth, or now and then on the glass around it. */
function place(random: Random, margin: number): [x: number, y: number] {
  const inMouth = random.next() < 0.75;
  const angle = random.uniform(0, 2 * Math.PI);
  const radius = inMouth
    ? (RADII.mouth - margin) * Math.sqrt(random.next())
    : random.uniform(RADII.lipInside, RADII.collarOutside);
  return [Math.max(radius, 0) * Math.cos(angle), Math.max(radius, 0) * Math.sin(angle)];
}

/** The types of defect of a bottle, named as in MVTec AD. */
export const BOTTLE_DEFECTS = {
  broken_large: brokenLarge,
  broken_small: brokenSmall,
  contamination,
};
