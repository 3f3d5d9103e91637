import { mean, quantileSorted } from 'simple-statistics';
import type { Random } from '../random/random';

/** How two models differ over the same images. */
export interface PairedDifference {
  /** Mean of first - second. */
  mean: number;
  /** 95 % confidence interval of the mean: percentile bootstrap over the images. */
  interval: [lower: number, upper: number];
  /** On how many images the first is above the second, and below it. */
  above: number;
  below: number;
}

const RESAMPLES = 10_000;

/**
 * The difference of two models on the same images, with an interval that says what other images of
 * the same kind could give. It says nothing of other seeds: for that, train several.
 *
 * @param first one number an image
 * @param second of the same images in the same order
 * @throws RangeError if there are no images or their numbers differ
 */
export function pairedDifference(
  first: readonly number[],
  second: readonly number[],
  random: Random,
): PairedDifference {
  if (first.length === 0 || first.length !== second.length) {
    throw new RangeError(
      `pairedDifference: expected as many numbers of both models, at least one, found ` +
        `${first.length} and ${second.length}`,
    );
  }
  const differences = first.map((value, i) => value - second[i]);
  const count = differences.length;
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += differences[Math.floor(count * random.next())];
    return sum / count;
  }).sort();
  const sorted = Array.from(means);
  return {
    mean: mean(differences),
    interval: [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)],
    above: differences.filter((difference) => difference > 0).length,
    below: differences.filter((difference) => difference < 0).length,
  };
}
