import type { RgbImage } from '../../src/lib/data/image';
import { IMAGENET_MEAN, IMAGENET_STD } from '../../src/lib/models/image-batch';
import type { Random } from '../../src/lib/random/random';
import { proceduralPicture } from './procedural-picture';

/** Pictures of one kind, with how often one of them is taken. */
export interface PictureGroup {
  weight: number;
  pictures: readonly RgbImage[];
}

const PROCEDURAL_SHARE = 0.3;
const BLEND_SHARE = 0.25;
const PASTE_SHARE = 0.35;

/**
 * A batch of random views to distil on, normalised as the networks expect: [count, side, side, 3]. A third are made-up
 * pictures; some views are blended with others or have a part of another pasted in, so that there is more to see than
 * what few pictures hold. The batch depends on `random` alone.
 */
export function distillationBatch(
  groups: readonly PictureGroup[],
  count: number,
  side: number,
  random: Random,
): Float32Array {
  const values = new Float32Array(count * side * side * 3);
  for (let i = 0; i < count; i++) {
    const view = oneView(groups, side, random);
    const chance = random.next();
    if (chance < BLEND_SHARE) {
      const other = oneView(groups, side, random);
      const weight = random.uniform(0.15, 0.5);
      for (let p = 0; p < view.length; p++) view[p] += weight * (other[p] - view[p]);
    } else if (chance < BLEND_SHARE + PASTE_SHARE) {
      paste(view, oneView(groups, side, random), side, random);
    }
    const offset = i * view.length;
    for (let p = 0; p < view.length; p++) {
      const c = p % 3;
      values[offset + p] = (view[p] / 255 - IMAGENET_MEAN[c]) / IMAGENET_STD[c];
    }
  }
  return values;
}

function oneView(groups: readonly PictureGroup[], side: number, random: Random): Float32Array {
  const picture =
    random.next() < PROCEDURAL_SHARE ? proceduralPicture(side, random) : choose(groups, random);
  const view = randomView(picture, side, random);
  jitterColours(view, random);
  return view;
}

function choose(groups: readonly PictureGroup[], random: Random): RgbImage {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  let rest = total * random.next();
  const group = groups.find(({ weight }) => (rest -= weight) < 0) ?? groups[groups.length - 1];
  return group.pictures[random.int(group.pictures.length)];
}

/** An ellipse or a rectangle of the other view, some with a soft border. */
function paste(view: Float32Array, other: Float32Array, side: number, random: Random): void {
  const [x, y] = [random.uniform(0, side), random.uniform(0, side)];
  const [a, b] = [random.uniform(0.04, 0.4) * side, random.uniform(0.04, 0.4) * side];
  const isEllipse = random.int(2) === 0;
  const softness = random.next() < 0.5 ? 0.02 : random.uniform(0.05, 0.5);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [u, v] = [Math.abs(column - x) / a, Math.abs(row - y) / b];
      const distance = isEllipse ? Math.hypot(u, v) : Math.max(u, v);
      const weight = Math.min(1, Math.max(0, (1 - distance) / softness));
      if (weight === 0) continue;
      const at = 3 * (row * side + column);
      for (let p = at; p < at + 3; p++) view[p] += weight * (other[p] - view[p]);
    }
  }
}

/** How strongly a crop may be enlarged (below 1: picture pixels per crop pixel) and reduced. */
const FINEST = 0.45;
const COARSEST = 2.2;

/** Position in a picture that repeats in mirror images, so that a crop may reach over its border. */
function mirrored(position: number, length: number): number {
  const period = 2 * length;
  const inside = ((position % period) + period) % period;
  return Math.min(inside < length ? inside : period - inside, length - 1);
}

/**
 * A random view of a picture: place, size, angle and flip at random, sampled bilinearly.
 *
 * @returns RGB, [side, side, 3], 0 to 255, not rounded
 */
export function randomView(picture: RgbImage, side: number, random: Random): Float32Array {
  const { width, height, data } = picture;
  const step = FINEST * (COARSEST / FINEST) ** random.next();
  const angle =
    random.next() < 0.5 ? (Math.PI / 2) * random.int(4) : random.uniform(0, 2 * Math.PI);
  const flip = random.int(2) === 0 ? 1 : -1;
  const [cos, sin] = [step * Math.cos(angle), step * Math.sin(angle)];
  const [centreX, centreY] = [random.uniform(0, width), random.uniform(0, height)];
  const values = new Float32Array(side * side * 3);
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i += 3) {
      const [u, v] = [flip * (x - side / 2), y - side / 2];
      const fromX = mirrored(centreX + cos * u - sin * v, width);
      const fromY = mirrored(centreY + sin * u + cos * v, height);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [a, b] = [fromX - left, fromY - top];
      const right = Math.min(left + 1, width - 1);
      const bottom = Math.min(top + 1, height - 1);
      const [p, q] = [3 * (top * width + left), 3 * (top * width + right)];
      const [r, s] = [3 * (bottom * width + left), 3 * (bottom * width + right)];
      for (let c = 0; c < 3; c++) {
        const upper = data[p + c] + a * (data[q + c] - data[p + c]);
        const lower = data[r + c] + a * (data[s + c] - data[r + c]);
        values[i + c] = upper + b * (lower - upper);
      }
    }
  }
  return values;
}

/** Changes light and colour at random, in place: gains, contrast, saturation, grey, negative, noise. */
export function jitterColours(values: Float32Array, random: Random): void {
  const contrast = random.uniform(0.5, 1.5);
  const brightness = random.uniform(-50, 50);
  const gains = [0, 1, 2].map(() => random.uniform(0.8, 1.2));
  const saturation = random.next() < 0.15 ? 0 : random.uniform(0.4, 1.6);
  const isNegative = random.next() < 0.08;
  const noise = random.next() < 0.3 ? random.uniform(2, 14) : 0;
  for (let i = 0; i < values.length; i += 3) {
    const grey = 0.299 * values[i] + 0.587 * values[i + 1] + 0.114 * values[i + 2];
    for (let c = 0; c < 3; c++) {
      const coloured = (grey + saturation * (values[i + c] - grey)) * gains[c];
      let value = 128 + contrast * (coloured - 128) + brightness;
      if (isNegative) value = 255 - value;
      // The sum of two uniform numbers is near enough to a bell, and quick.
      if (noise > 0) value += noise * 2.4 * (random.next() + random.next() - 1);
      values[i + c] = Math.min(255, Math.max(0, value));
    }
  }
}
