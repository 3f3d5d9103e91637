import { Random } from '../random/random';

/**
 * Some of the normal images, in the given order. With the same seed, those of a smaller number are among those of a
 * larger one, so that numbers of images can be compared.
 *
 * @throws RangeError when there are fewer
 */
export function chooseSome<T>(samples: readonly T[], count: number, seed: number): T[] {
  if (count > samples.length) {
    throw new RangeError(`Expected at least ${count} train images, found ${samples.length}.`);
  }
  const order = Random.fromSeed(seed)
    .fork('some images')
    .shuffle(samples.map((_, i) => i));
  const chosen = new Set(order.slice(0, count));
  return samples.filter((_, i) => chosen.has(i));
}

export interface SplitOptions {
  /** Share of the images that is held out, 0 <= share < 1. Default 0.2. */
  validationShare?: number;
  seed: number;
}

/**
 * Holds out some of the normal images (protocol B of the STFPM authors: 80 % to train on, 20 % to
 * choose the epoch by). The choice depends on the seed and on the number of images alone; both
 * parts keep the given order and together hold each image once. A share above 0 holds out at
 * least one image.
 *
 * @throws RangeError when the share is not in [0, 1), or would leave nothing to train on
 */
export function splitTrain<T>(
  samples: readonly T[],
  { validationShare = 0.2, seed }: SplitOptions,
): { train: T[]; validation: T[] } {
  if (!(validationShare >= 0 && validationShare < 1)) {
    throw new RangeError(`The validation share must be in [0, 1), found ${validationShare}`);
  }
  const rounded = Math.round(samples.length * validationShare);
  const count = validationShare > 0 ? Math.max(1, rounded) : 0;
  if (count >= samples.length) {
    throw new RangeError(
      `Holding out ${count} of ${samples.length} images leaves none to train on`,
    );
  }
  const order = Random.fromSeed(seed)
    .fork('validation split')
    .shuffle(samples.map((_, i) => i));
  const held = new Set(order.slice(0, count));
  return {
    train: samples.filter((_, i) => !held.has(i)),
    validation: samples.filter((_, i) => held.has(i)),
  };
}
