import { mapOf } from '../anomaly-map/detection';
import { mean, quantileSorted } from 'simple-statistics';
import type { Mask } from '../data/mask';
import { auroc } from '../metrics/auroc';
import { Random } from '../random/random';
import type { Evaluation } from './evaluate-detector';

/** How an anomaly map sets a defect off from its background; all of it on one defective image. */
export interface MapContrast {
  /** Pixel AUROC within the image: the chance that a defect pixel is above one of the background. */
  auroc: number;
  /**
   * How bright the background is: the mean of the map over the defect-free pixels, in units of
   * `limit` and at most 1 per pixel, as a figure with that limit shows it: with a limit of 0, what is above 0 is 1. 0 is
   * black.
   */
  background: number;
  /**
   * Median over the defect pixels over median of the background, as log10: 1 is ten times. Null where one of the medians
   * is 0: the ratio is then 0, infinite or undefined, and no mean over images could hold it.
   */
  contrast: number | null;
}

/**
 * The numbers behind "visually superior": on a defective image, how dark is the background and how far
 * above it is the defect? Neither AUROC nor contrast depends on a model's scale.
 *
 * @param map [height, width], row-major; never negative, being a product of distances
 * @param mask ground truth, of the map's size
 * @param limit what a figure gives the last colour, such as the 99.9th percentile of the pixels of
 *   good images
 * @returns null where the mask has no defect pixel or no other
 * @throws RangeError if the sizes differ or the limit is negative or NaN
 */
export function mapContrast(map: Float32Array, mask: Mask, limit: number): MapContrast | null {
  if (map.length !== mask.data.length) {
    throw new RangeError(
      `mapContrast: expected a map of the mask's ${mask.data.length} pixels, found ${map.length}`,
    );
  }
  if (!(limit >= 0)) {
    throw new RangeError(`mapContrast: expected a limit of 0 or more, found ${limit}`);
  }
  const defect = map.filter((_, i) => mask.data[i] !== 0).sort();
  const background = map.filter((_, i) => mask.data[i] === 0).sort();
  if (defect.length === 0 || background.length === 0) return null;
  const medians = [medianOfSorted(defect), medianOfSorted(background)];
  const brightness = (value: number) => (value >= limit ? Math.sign(value) : value / limit);
  const shown = background.reduce((sum, value) => sum + brightness(value), 0);
  return {
    auroc: auroc(
      Float64Array.from(map),
      Uint8Array.from(mask.data, (value) => (value === 0 ? 0 : 1)),
    ),
    background: shown / background.length,
    contrast: medians.every((median) => median > 0) ? Math.log10(medians[0] / medians[1]) : null,
  };
}

function medianOfSorted(values: Float32Array): number {
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/** The contrast of every test image's map; null for good images and those without a mask. */
export function mapContrasts(
  { detections, masks }: Pick<Evaluation, 'detections' | 'masks'>,
  limit: number,
): (MapContrast | null)[] {
  return detections.map((detection, i) => {
    const mask = masks[i];
    if (!mask) return null;
    const map = mapOf(detection);
    const counts = (_: number, pixel: number) => !Number.isNaN(map[pixel]);
    return mapContrast(map.filter(counts), { ...mask, data: mask.data.filter(counts) }, limit);
  });
}

/** One number of two models over the same images. */
export interface ContrastDifference {
  measure: keyof MapContrast;
  /** How many images it is over: those that have it in both models. */
  images: number;
  /** How many lack it in one of the models or in both, see `MapContrast.contrast`. */
  leftOut: number;
  /** Null where no image is left. */
  compared: {
    means: [first: number, second: number];
    /** First - second. */
    difference: PairedDifference;
  } | null;
}

/**
 * Two models' contrasts over the images that have one in both; each measure over the images where both models have it.
 *
 * @param seed of the bootstrap
 * @throws RangeError if no image has a contrast in both
 */
export function compareContrasts(
  first: readonly (MapContrast | null)[],
  second: readonly (MapContrast | null)[],
  seed = 0,
): ContrastDifference[] {
  const pairs = first.flatMap((a, i): [MapContrast, MapContrast][] => {
    const b = second[i];
    return a && b ? [[a, b]] : [];
  });
  if (pairs.length === 0) {
    throw new RangeError(
      'compareContrasts: expected an image with a contrast in both models, found none',
    );
  }
  return (['auroc', 'background', 'contrast'] as const).map((measure) => {
    const values = pairs.flatMap(([a, b]): [number, number][] => {
      const [ofFirst, ofSecond] = [a[measure], b[measure]];
      return ofFirst === null || ofSecond === null ? [] : [[ofFirst, ofSecond]];
    });
    const images = values.length;
    const leftOut = pairs.length - images;
    if (images === 0) return { measure, images, leftOut, compared: null };
    const [a, b] = [0, 1].map((model) => values.map((pair) => pair[model]));
    const difference = pairedDifference(a, b, Random.fromSeed(seed).fork(measure));
    return { measure, images, leftOut, compared: { means: [mean(a), mean(b)], difference } };
  });
}

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
 * @param first one number per image
 * @param second of the same images in the same order
 * @throws RangeError if there are no images or their counts differ
 */
export function pairedDifference(
  first: readonly number[],
  second: readonly number[],
  random: Random,
): PairedDifference {
  if (first.length === 0 || first.length !== second.length) {
    throw new RangeError(
      `pairedDifference: expected equally many numbers of both models, at least one each, found ` +
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
