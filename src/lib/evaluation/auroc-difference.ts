import { UndefinedMetricError } from '../metrics/scores';

/** How much higher one method's AUROC is than another's on the same images. */
export interface AurocDifference {
  difference: number;
  /** 95 % confidence, from the images that there are: other images of the same kind would give another difference. */
  interval: [number, number];
}

/** Two-sided 95 % of the normal distribution. */
const NORMAL_95 = 1.959964;

/**
 * The difference of two AUROCs that were measured on the same images, with its interval (DeLong, DeLong and
 * Clarke-Pearson, 1988). Scores of the same images go up and down together, which makes it narrower than the intervals of
 * the two alone. It knows nothing of what another seed would give, and is too narrow where nearly all images are in order.
 *
 * @param ours scores, the higher the more anomalous
 * @param theirs scores of the same images
 * @param labels 0 good, 1 defect
 * @throws RangeError if the lists differ in length; UndefinedMetricError with fewer than two images of either label
 */
export function aurocDifference(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  labels: ArrayLike<number>,
): AurocDifference {
  if (ours.length !== labels.length || theirs.length !== labels.length) {
    throw new RangeError(
      `Expected two scores for each of ${labels.length} images, found ${ours.length} and ${theirs.length}.`,
    );
  }
  const indices = Array.from(labels, (_, i) => i);
  const good = indices.filter((i) => labels[i] === 0);
  const defects = indices.filter((i) => labels[i] !== 0);
  if (Math.min(good.length, defects.length) < 2) {
    throw new UndefinedMetricError(
      `Expected two good and two defective images at least, found ${good.length} and ${defects.length}.`,
    );
  }
  // How often each image is on the right side of those of the other kind, and by how much more often with ours.
  const gain = (image: number, others: readonly number[]) =>
    meanOf(others.map((other) => order(ours, image, other) - order(theirs, image, other)));
  const ofDefects = defects.map((image) => gain(image, good));
  const ofGood = good.map((image) => -gain(image, defects));
  const difference = meanOf(ofDefects);
  const variance = varianceOf(ofDefects) / ofDefects.length + varianceOf(ofGood) / ofGood.length;
  const half = NORMAL_95 * Math.sqrt(variance);
  return { difference, interval: [difference - half, difference + half] };
}

/** 1 where the first scores higher, 0 where the second does. */
function order(scores: ArrayLike<number>, first: number, second: number): number {
  if (scores[first] === scores[second]) return 0.5;
  return scores[first] > scores[second] ? 1 : 0;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Divided by their number less 1. */
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
