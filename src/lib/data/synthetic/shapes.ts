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
  /** Length over breadth, at least 1. */
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

/** Where a point lies with respect to a stroke. */
export interface StrokePoint {
  /** Distance to the line; negative on one side of it. */
  across: number;
  /** Place of the nearest point of the line, 0 at its start to 1 at its end. */
  along: number;
}

/** A curved line. */
export interface Stroke {
  /** Holds the whole line, without breadth. */
  box: Box;
  locate(x: number, y: number, point: StrokePoint): void;
}

export interface StrokeOptions {
  /** The middle of the line. */
  x: number;
  y: number;
  length: number;
  /** By how much the direction may change from end to end, in radians. */
  bend: number;
  /** Its direction, in radians. Default: any. */
  angle?: number;
}

const PIECES = 24;

/** A line that wanders about a direction, as a chain of short straight pieces. */
export function stroke(random: Random, options: StrokeOptions): Stroke {
  const angle = options.angle ?? random.uniform(0, 2 * Math.PI);
  const curve = random.uniform(-0.5, 0.5) * options.bend;
  const wobble = 0.25 * options.bend * random.uniform(-1, 1);
  const phase = random.uniform(0, 2 * Math.PI);
  const xs = [0];
  const ys = [0];
  for (let i = 0; i < PIECES; i++) {
    const t = (2 * (i + 0.5)) / PIECES - 1;
    const direction = angle + curve * t + wobble * Math.sin(6 * t + phase);
    xs.push(xs[i] + (Math.cos(direction) * options.length) / PIECES);
    ys.push(ys[i] + (Math.sin(direction) * options.length) / PIECES);
  }
  const shiftX = options.x - xs[PIECES / 2];
  const shiftY = options.y - ys[PIECES / 2];
  for (let i = 0; i <= PIECES; i++) {
    xs[i] += shiftX;
    ys[i] += shiftY;
  }
  return {
    box: {
      left: Math.min(...xs),
      top: Math.min(...ys),
      right: Math.max(...xs),
      bottom: Math.max(...ys),
    },
    locate: (x, y, point) => {
      let best = Infinity;
      for (let i = 0; i < PIECES; i++) {
        const dx = xs[i + 1] - xs[i];
        const dy = ys[i + 1] - ys[i];
        const px = x - xs[i];
        const py = y - ys[i];
        const t = Math.min(Math.max((px * dx + py * dy) / (dx * dx + dy * dy), 0), 1);
        const squared = (px - t * dx) ** 2 + (py - t * dy) ** 2;
        if (squared < best) {
          best = squared;
          point.along = (i + t) / PIECES;
          point.across = dx * py - dy * px < 0 ? -1 : 1;
        }
      }
      point.across *= Math.sqrt(best);
    },
  };
}

/** The box grown by `margin` on every side. */
export function growBox({ left, top, right, bottom }: Box, margin: number): Box {
  return {
    left: left - margin,
    top: top - margin,
    right: right + margin,
    bottom: bottom + margin,
  };
}
