import { checkLabels, stackedImages, UndefinedMetricError } from './scores';
import type { ImageSize, Scores } from './scores';
import { rankDescending } from './ranking';
import type { Ranking } from './ranking';

export interface AupimoOptions extends ImageSize {
  /**
   * For each image 0 (normal) or 1 (anomalous). An anomalous image without defect pixels counts as
   * neither. Default: those with defect pixels are anomalous, the others normal.
   */
  imageLabels?: ArrayLike<number>;
  /** The range of false-positive rates. Default 1e-5 to 1e-4. */
  bounds?: readonly [lower: number, upper: number];
  /** The ranking of the scores, if it is at hand. One without some of the defect-free pixels leaves these out. */
  ranking?: Ranking;
}

export interface Aupimo {
  /** Mean over the anomalous images, from 0 to 1. */
  mean: number;
  /** For each image from 0 to 1, NaN where it is not an anomalous one with defect pixels. */
  perImage: Float64Array;
}

/**
 * Area under the per-image overlap curve (Bertoldo et al., AUPIMO: Redefining Visual Anomaly
 * Detection Benchmarks with High Speed and Low Tolerance, 2024, arXiv 2401.01984, section 3): for
 * each anomalous image the share of defect pixels found, averaged over the logarithm of the
 * shared false-positive rate, which is the mean over the normal images of each one's rate. As
 * all images have one size, that mean is the rate over all their pixels.
 *
 * Every distinct score is a threshold, and the curve is interpolated at the bounds along the
 * logarithm. The authors' code takes evenly spaced thresholds and integrates between the rates
 * nearest to the bounds, but divides by the length between the bounds themselves: its values
 * differ by that ratio, less than 1 % with 20 normal images of 256 x 256. Below the smallest rate
 * that is reached, which the logarithm puts at infinity, the overlap is that of the pixels scoring
 * above all normal ones.
 *
 * @param scores of all pixels of all test images, [images, height, width]
 * @param labels 0 (normal) or 1 (defect) for each pixel
 * @throws UndefinedMetricError if there are no defect pixels, or too few pixels of normal images to
 *   tell the lower bound from 0
 * @throws RangeError if a score is NaN, or scores, labels, size or bounds are not as expected
 */
export function aupimo(scores: Scores, labels: Uint8Array, options: AupimoOptions): Aupimo {
  checkLabels(scores, labels);
  const images = stackedImages(scores.length, options);
  const pixels = options.width * options.height;
  const [lower, upper] = checkBounds(options.bounds ?? [1e-5, 1e-4]);
  const defectPixels = countDefectPixels(labels, images, pixels);
  const isNormal = normalImages(options.imageLabels, defectPixels);
  const { order, groupEnds } = options.ranking ?? rankDescending(scores);
  let normalPixels = isNormal.reduce((sum, normal) => sum + normal, 0) * pixels;
  if (order.length < scores.length) {
    normalPixels = order.reduce((sum, pixel) => sum + isNormal[Math.floor(pixel / pixels)], 0);
  }
  const needed = Math.ceil((1 - 1e-9) / lower);
  if (normalPixels < needed) {
    throw new UndefinedMetricError(
      `AUPIMO down to a false-positive rate of ${lower} needs at least ${needed} pixels of normal ` +
        `images, found ${normalPixels}.`,
    );
  }
  if (!defectPixels.some((count) => count > 0)) {
    throw new UndefinedMetricError('AUPIMO needs anomalous images with defect pixels, found none.');
  }

  const found = new Float64Array(images);
  const area = new Float64Array(images);
  const [start, stop] = [Math.log(lower), Math.log(upper)];
  let falseCount = 0;
  let from = -Infinity;
  let k = 0;
  for (const end of groupEnds) {
    const before = falseCount;
    for (let j = k; j < end; j++) falseCount += isNormal[Math.floor(order[j] / pixels)];
    const to = falseCount === before ? from : Math.log(falseCount / normalPixels);
    const [weightBefore, weightAfter] = segmentWeights(from, to, start, stop);
    addScaled(area, found, weightBefore);
    for (; k < end; k++) found[Math.floor(order[k] / pixels)] += labels[order[k]];
    addScaled(area, found, weightAfter);
    from = to;
    if (from >= stop) break;
  }

  const perImage = area.map((sum, i) =>
    defectPixels[i] > 0 ? sum / defectPixels[i] / (stop - start) : NaN,
  );
  const values = perImage.filter((value) => !Number.isNaN(value));
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, perImage };
}

/**
 * The integral of a straight line over that part of [from, to] that lies in [start, stop], as
 * weights of the line's values at the two ends. From -Infinity the line is level.
 */
function segmentWeights(from: number, to: number, start: number, stop: number): [number, number] {
  const [left, right] = [Math.max(from, start), Math.min(to, stop)];
  if (!(right > left)) return [0, 0];
  const length = right - left;
  if (from === -Infinity) return [length, 0];
  const middle = ((left + right) / 2 - from) / (to - from);
  return [length * (1 - middle), length * middle];
}

function addScaled(sums: Float64Array, values: Float64Array, factor: number): void {
  if (factor === 0) return;
  for (let i = 0; i < sums.length; i++) sums[i] += factor * values[i];
}

function countDefectPixels(labels: Uint8Array, images: number, pixels: number): Uint32Array {
  const counts = new Uint32Array(images);
  for (let i = 0; i < labels.length; i++) counts[Math.floor(i / pixels)] += labels[i];
  return counts;
}

/** 1 for each normal image, 0 for the others. */
function normalImages(
  imageLabels: ArrayLike<number> | undefined,
  defectPixels: Uint32Array,
): Uint8Array {
  if (imageLabels === undefined) return Uint8Array.from(defectPixels, (count) => +(count === 0));
  if (imageLabels.length !== defectPixels.length) {
    throw new RangeError(
      `Expected a label for each of ${defectPixels.length} images, found ${imageLabels.length}.`,
    );
  }
  return Uint8Array.from(imageLabels, (label, i) => {
    if (label !== 0 && label !== 1) {
      throw new RangeError(`Expected image labels 0 and 1, found ${label} at ${i}.`);
    }
    if (label === 0 && defectPixels[i] > 0) {
      throw new RangeError(
        `Expected no defect pixels in normal image ${i}, found ${defectPixels[i]}.`,
      );
    }
    return 1 - label;
  });
}

function checkBounds(bounds: readonly [number, number]): readonly [number, number] {
  const [lower, upper] = bounds;
  if (!(lower > 0 && lower < upper && upper <= 1)) {
    throw new RangeError(
      `Expected bounds with 0 < lower < upper <= 1, found ${lower} and ${upper}.`,
    );
  }
  return bounds;
}
