import type { Random } from '../../random/random';
import { gradientNoise } from './noise';

/** A rectangle in the coordinates of the picture. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** An irregular spot. */
export interface Blob {
  /** Nothing of it lies outside. */
  box: Box;
  /** 1 in the middle, 0 on the outline, negative outside. */
  depth(x: number, y: number): number;
}

export interface BlobOptions {
  x: number;
  y: number;
  /** Mean distance from the middle to the outline. */
  radius: number;
  /** Length over breadth, from 1 on. */
  stretch: number;
  /** How far the outline departs from an ellipse: 0 not at all, 1 wildly. */
  raggedness?: number;
}

/** A spot of random direction and outline. */
export function blob(random: Random, options: BlobOptions): Blob {
  const { x: centreX, y: centreY, radius, stretch, raggedness = 0.4 } = options;
  const angle = random.uniform(0, Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const long = radius * Math.sqrt(stretch);
  const short = radius / Math.sqrt(stretch);
  const outline = gradientNoise(random.int(2 ** 31));
  const reach = long * (1 + raggedness);
  return {
    box: {
      left: centreX - reach,
      top: centreY - reach,
      right: centreX + reach,
      bottom: centreY + reach,
    },
    depth: (x, y) => {
      const u = ((x - centreX) * cos + (y - centreY) * sin) / long;
      const v = ((y - centreY) * cos - (x - centreX) * sin) / short;
      const ragged = outline(1.5 * u + 7, 1.5 * v) + 0.5 * outline(4 * u, 4 * v + 7);
      return 1 - Math.sqrt(u * u + v * v) + raggedness * ragged;
    },
  };
}
