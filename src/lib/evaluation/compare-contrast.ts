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
  means: [first: number, second: number];
  /** First - second. */
  difference: PairedDifference;
}

/**
 * Two models' contrasts over the images that have one in both.
 *
 * @param seed of the bootstrap
 * @throws RangeError if no image has one
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
  return (['auroc', 'background', 'contrast'] as const).map((measure) => {
    const [a, b] = [0, 1].map((model) => pairs.map((pair) => pair[model][measure]));
    const random = Random.fromSeed(seed).fork(measure);
    return { measure, difference: pairedDifference(a, b, random), means: [mean(a), mean(b)] };
  });
}
