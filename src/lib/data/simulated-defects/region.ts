import type { Random } from '../../random/random';
import { fractalNoise, smoothstep } from '../synthetic/noise';
import { blob, stroke } from '../synthetic/shapes';
import type { StrokePoint } from '../synthetic/shapes';

/** A part of a picture with a soft outline: what a defect covers. */
export interface Region {
  /** The rectangle of pixels that holds it, cut off at the picture's border. */
  left: number;
  top: number;
  width: number;
  height: number;
  /** How much of each pixel is covered, 0 to 1, [height, width]. */
  cover: Float32Array;
}

/** Where a region is wanted, and how large. */
export interface Place {
  /** Its middle, in pixels. */
  x: number;
  y: number;
  /** Pixels that it should cover, about. */
  area: number;
  /** The picture's. */
  width: number;
  height: number;
}

/** Makes a region of one kind. */
export type DrawRegion = (random: Random, place: Place) => Region;

/** A number whose logarithm is evenly distributed, so that each order of magnitude comes equally often. */
export function logUniform(random: Random, low: number, high: number): number {
  return low * Math.pow(high / low, random.next());
}

/** Pixels around what is covered, which show what it borders on. */
const MARGIN = 4;

/** The cover of each pixel within a reach of a place, in a rectangle as small as what is covered allows. */
function rasterise(
  { x, y, width, height }: Place,
  [reachX, reachY]: [number, number],
  cover: (x: number, y: number) => number,
): Region {
  const left = Math.max(0, Math.floor(x - reachX));
  const top = Math.max(0, Math.floor(y - reachY));
  const columns = Math.max(0, Math.min(width, Math.ceil(x + reachX) + 1) - left);
  const rows = Math.max(0, Math.min(height, Math.ceil(y + reachY) + 1) - top);
  const values = new Float32Array(columns * rows);
  const covered = { left: width, top: height, right: 0, bottom: 0 };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = cover(left + column, top + row);
      if (value <= 0) continue;
      values[row * columns + column] = value;
      covered.left = Math.min(covered.left, left + column);
      covered.right = Math.max(covered.right, left + column + 1);
      covered.top = Math.min(covered.top, top + row);
      covered.bottom = Math.max(covered.bottom, top + row + 1);
    }
  }
  const box = {
    left: Math.max(0, covered.left - MARGIN),
    top: Math.max(0, covered.top - MARGIN),
    right: Math.min(width, covered.right + MARGIN),
    bottom: Math.min(height, covered.bottom + MARGIN),
  };
  const region: Region = {
    left: box.left,
    top: box.top,
    width: Math.max(0, box.right - box.left),
    height: Math.max(0, box.bottom - box.top),
    cover: new Float32Array(0),
  };
  region.cover = new Float32Array(region.width * region.height);
  for (let row = covered.top; row < covered.bottom; row++) {
    const from = (row - top) * columns - left;
    region.cover.set(
      values.subarray(from + covered.left, from + covered.right),
      (row - region.top) * region.width + covered.left - region.left,
    );
  }
  return region;
}

/** From 0 just outside an outline to 1 inside, over a soft edge. @param depth in pixels, negative outside */
function edge(depth: number, softness: number): number {
  return smoothstep(-0.5 * softness, 0.5 * softness, depth);
}

/** A drop or a rag: one piece with an irregular outline. */
export const raggedSpot: DrawRegion = (random, place) => {
  const radius = Math.sqrt(place.area / Math.PI);
  const stretch = logUniform(random, 1, 3);
  const raggedness = random.uniform(0.1, 0.8);
  const spot = blob(random, { x: place.x, y: place.y, radius, stretch, raggedness });
  const short = radius / Math.sqrt(stretch);
  const softness = logUniform(random, 1, Math.max(1.5, 0.6 * radius));
  const reach = spot.box.right - place.x;
  return rasterise(place, [reach, reach], (x, y) => edge(short * spot.depth(x, y), softness));
};

/** Several pieces close together: where a smooth noise is highest. */
export const islands: DrawRegion = (random, place) => {
  const share = random.uniform(0.25, 0.5);
  const reach = Math.sqrt(place.area / share / Math.PI);
  const cell = reach * random.uniform(0.3, 0.8);
  const noise = fractalNoise(random.int(2 ** 31), 2);
  const softness = random.uniform(0.05, 0.25);
  const height = (x: number, y: number) => {
    const [dx, dy] = [x - place.x, y - place.y];
    return noise(dx / cell, dy / cell) - (0.5 * (dx * dx + dy * dy)) / (reach * reach);
  };
  // The level above which the share lies, from a sample.
  const sample = Float32Array.from({ length: 400 }, (_, i) =>
    height(
      place.x + ((i % 20) / 9.5 - 1) * reach,
      place.y + (Math.floor(i / 20) / 9.5 - 1) * reach,
    ),
  ).sort();
  const level = sample[Math.floor(sample.length * (1 - (share * Math.PI) / 4))];
  return rasterise(place, [reach, reach], (x, y) =>
    smoothstep(level - softness / 2, level + softness / 2, height(x, y)),
  );
};

/** A few dots, dust or pinholes, about one place. */
export const dots: DrawRegion = (random, place) => {
  const count = 1 + random.int(6);
  const radius = Math.max(0.9, Math.sqrt(place.area / count / Math.PI));
  const scatter = radius * random.uniform(2.5, 7);
  const softness = random.uniform(1, 2);
  const drawn = Array.from({ length: count }, (_, i) => {
    const away = () => (i === 0 ? 0 : scatter * random.uniform(-1, 1));
    const own = radius * random.uniform(0.6, 1.3);
    const stretch = logUniform(random, 1, 2);
    const raggedness = random.uniform(0, 0.6);
    const options = { x: place.x + away(), y: place.y + away(), radius: own, stretch, raggedness };
    return { own, ...blob(random, options) };
  });
  const reach = scatter + 3 * radius + softness;
  return rasterise(place, [reach, reach], (x, y) => {
    let cover = 0;
    for (const { own, box, depth } of drawn) {
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) continue;
      cover = Math.max(cover, edge(own * depth(x, y), softness));
    }
    return cover;
  });
};

/** A scratch, a hair or a thread: a curved line that thins out at its ends. */
export const curvedStroke: DrawRegion = (random, place) => {
  const unit = Math.min(place.width, place.height) / 256;
  const longest = 0.6 * Math.min(place.width, place.height);
  const breadth = Math.max(logUniform(random, 1.2 * unit, 8 * unit), place.area / longest);
  const length = Math.max(3 * breadth, Math.min(longest, (1.3 * place.area) / breadth));
  const line = stroke(random, { x: place.x, y: place.y, length, bend: random.uniform(0, 2.5) });
  const softness = random.uniform(1, Math.max(1.2, 0.7 * breadth));
  const thinning = random.uniform(0.2, 1);
  const margin = breadth + softness;
  const reachX = Math.max(line.box.right - place.x, place.x - line.box.left) + margin;
  const reachY = Math.max(line.box.bottom - place.y, place.y - line.box.top) + margin;
  const point: StrokePoint = { across: 0, along: 0 };
  return rasterise(place, [reachX, reachY], (x, y) => {
    line.locate(x, y, point);
    const towardsEnd = Math.abs(2 * point.along - 1);
    const half = (breadth / 2) * (1 - thinning * towardsEnd * towardsEnd);
    return edge(half - Math.abs(point.across), softness);
  });
};

/**
 * A rectangle with hard edges (CutPaste: Li et al., CVPR 2021, section 2.2).
 *
 * @param ratio the range of its length over its breadth
 * @param turn the largest angle to the picture's axes, in radians
 */
export function rectangle(ratio: readonly [number, number], turn: number): DrawRegion {
  return (random, place) => {
    const stretch = logUniform(random, ...ratio);
    const sides = [Math.sqrt(place.area * stretch), Math.sqrt(place.area / stretch)];
    const [long, short] = random.int(2) === 0 ? sides : sides.reverse();
    const angle = random.uniform(-turn, turn);
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const reach = Math.hypot(long, short) / 2 + 1;
    return rasterise(place, [reach, reach], (x, y) => {
      const u = (x - place.x) * cos + (y - place.y) * sin;
      const v = (y - place.y) * cos - (x - place.x) * sin;
      return Math.abs(u) <= long / 2 && Math.abs(v) <= short / 2 ? 1 : 0;
    });
  };
}

/** An upright ellipse, without a soft edge. */
export const ellipse: DrawRegion = (random, place) => {
  const stretch = logUniform(random, 0.4, 2.5);
  const horizontal = Math.sqrt((place.area / Math.PI) * stretch);
  const vertical = Math.sqrt(place.area / Math.PI / stretch);
  return rasterise(place, [horizontal, vertical], (x, y) =>
    ((x - place.x) / horizontal) ** 2 + ((y - place.y) / vertical) ** 2 <= 1 ? 1 : 0,
  );
};
