/** From `a` at share 0 to `b` at share 1. */
export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** 0 at and below `low`, 1 at and above `high`, a smooth ramp between; falls if `low` > `high`. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.min(Math.max((x - low) / (high - low), 0), 1);
  return t * t * (3 - 2 * t);
}

/**
 * A 32-bit value for a point of the whole-number lattice: the same for the same point and seed,
 * unrelated for any other. Pictures are made of it rather than of a drawn sequence, so that a
 * pattern does not depend on the resolution or the order in which it is looked at.
 */
export function latticeHash(x: number, y: number, seed: number): number {
  let h = seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A smooth random surface; about -0.7 to 0.7, mean 0, with features of the size of 1. */
export type Noise = (x: number, y: number) => number;

const DIRECTIONS = 32;
const gradientX = Float64Array.from({ length: DIRECTIONS }, (_, i) =>
  Math.cos((2 * Math.PI * i) / DIRECTIONS),
);
const gradientY = Float64Array.from({ length: DIRECTIONS }, (_, i) =>
  Math.sin((2 * Math.PI * i) / DIRECTIONS),
);

/** Gradient noise (Perlin 2002): random slopes at whole numbers, quintic blending between. */
export function gradientNoise(seed: number): Noise {
  const corner = (x: number, y: number, dx: number, dy: number) => {
    const direction = latticeHash(x, y, seed) & (DIRECTIONS - 1);
    return gradientX[direction] * dx + gradientY[direction] * dy;
  };
  return (x, y) => {
    const x0 = Math.floor(x);
    const y0 = Math.floor(y);
    const dx = x - x0;
    const dy = y - y0;
    const u = dx * dx * dx * (dx * (dx * 6 - 15) + 10);
    const v = dy * dy * dy * (dy * (dy * 6 - 15) + 10);
    const top = corner(x0, y0, dx, dy);
    const bottom = corner(x0, y0 + 1, dx, dy - 1);
    const a = top + u * (corner(x0 + 1, y0, dx - 1, dy) - top);
    const b = bottom + u * (corner(x0 + 1, y0 + 1, dx - 1, dy - 1) - bottom);
    return a + v * (b - a);
  };
}

/** Sum of `octaves` noises, each twice as fine and half as strong as the one before. */
export function fractalNoise(seed: number, octaves: number): Noise {
  const layers = Array.from({ length: octaves }, (_, i) => gradientNoise(seed + 101 * i));
  return (x, y) => {
    let sum = 0;
    let scale = 1;
    for (const layer of layers) {
      sum += layer(x * scale, y * scale) / scale;
      scale *= 2;
    }
    return sum;
  };
}

const CELLS = 128;

/**
 * A slowly varying surface over the picture (x and y from 0 to 1), looked up between the points of
 * a grid of 128 x 128 cells: several times as fast as working it out at every point.
 */
export function smoothField(surface: Noise): Noise {
  const side = CELLS + 1;
  const grid = Float64Array.from({ length: side * side }, (_, i) =>
    surface((i % side) / CELLS, Math.floor(i / side) / CELLS),
  );
  return (x, y) => {
    const column = Math.min(Math.floor(x * CELLS), CELLS - 1);
    const row = Math.min(Math.floor(y * CELLS), CELLS - 1);
    const u = x * CELLS - column;
    const v = y * CELLS - row;
    const at = row * side + column;
    const top = grid[at] + u * (grid[at + 1] - grid[at]);
    const bottom = grid[at + side] + u * (grid[at + side + 1] - grid[at + side]);
    return top + v * (bottom - top);
  };
}

/** Where a point lies in a random mosaic. */
export interface CellPoint {
  /** Distance to the nearest cell centre; cells are about 1 wide. */
  nearest: number;
  /** Distance to the second nearest: equal to `nearest` on the seam between two cells. */
  second: number;
  /** Names the cell: 32 random bits. */
  id: number;
}

/**
 * A random mosaic (Worley 1996): one centre anywhere in each square of the lattice.
 *
 * @returns a function that writes into the point it is given
 */
export function cellMosaic(seed: number): (x: number, y: number, point: CellPoint) => void {
  return (x, y, point) => {
    const column = Math.floor(x);
    const row = Math.floor(y);
    let nearest = Infinity;
    let second = Infinity;
    for (let j = row - 1; j <= row + 1; j++) {
      for (let i = column - 1; i <= column + 1; i++) {
        const hash = latticeHash(i, j, seed);
        const dx = i + 0.5 + (hash & 0xffff) / 65536 - 0.5 - x;
        const dy = j + 0.5 + (hash >>> 16) / 65536 - 0.5 - y;
        const squared = dx * dx + dy * dy;
        if (squared < nearest) {
          second = nearest;
          nearest = squared;
          point.id = hash;
        } else if (squared < second) {
          second = squared;
        }
      }
    }
    point.nearest = Math.sqrt(nearest);
    point.second = Math.sqrt(second);
  };
}
