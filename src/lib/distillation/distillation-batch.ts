import type { RgbImage } from '../data/image';
import { IMAGENET_MEAN, IMAGENET_STD } from '../models/image-normalisation';
import type { Random } from '../random/random';
import { proceduralPicture } from './procedural-picture';
import { jitterColours, randomView } from './random-crop';

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
