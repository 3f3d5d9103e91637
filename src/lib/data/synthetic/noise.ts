import { latticeHash } from './lattice-hash';

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
