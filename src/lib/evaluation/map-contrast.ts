import type { Mask } from '../data/mask';
import { auroc } from '../metrics/auroc';

/** How an anomaly map sets a defect off from its background; all of it on one defective image. */
export interface MapContrast {
  /** Pixel AUROC within the image: the chance that a defect pixel is above one of the background. */
  auroc: number;
  /**
   * How bright the background is: the mean of the map over the defect-free pixels, in units of
   * `limit` and at most 1 a pixel, as a figure with that limit shows it: with a limit of 0, what is above 0 is 1. 0 is
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
 * The numbers to "visually superior": on a defective image, how dark is the background and how far
 * above it is the defect? Neither AUROC nor contrast depends on a model's scale.
 *
 * @param map [height, width], row-major; not negative, as products of distances are
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
