import { mean } from 'simple-statistics';
import { Random } from '../random/random';
import type { Evaluation } from './evaluate-detector';
import { mapContrast, type MapContrast } from './map-contrast';
import { pairedDifference, type PairedDifference } from './paired-difference';

/** The contrast of every test image's map; null for good images and those without a mask. */
export function mapContrasts(
  { detections, masks }: Pick<Evaluation, 'detections' | 'masks'>,
  limit: number,
): (MapContrast | null)[] {
  return detections.map(({ map }, i) => {
    const mask = masks[i];
    return mask && mapContrast(map, mask, limit);
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
    throw new RangeError('compareContrasts: expected an image with a contrast in both models');
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
