import type { Mask } from '../data/mask';
import { auroc } from '../metrics/auroc';

/** How an anomaly map sets a defect off from its background; all of it on one defective image. */
export interface MapContrast {
  /** Pixel AUROC within the image: the chance that a defect pixel is above one of the background. */
  auroc: number;
  /**
   * How bright the background is: the mean of the map over the defect-free pixels, in units of
   * `limit` and at most 1 a pixel, as a figure with that limit shows it. 0 is black.
   */
  background: number;
  /** Median over the defect pixels over median of the background, as log10: 1 is ten times. */
  contrast: number;
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
 * @throws RangeError if the sizes differ or the limit is not positive
 */
export function mapContrast(map: Float32Array, mask: Mask, limit: number): MapContrast | null {
  if (map.length !== mask.data.length) {
    throw new RangeError(
      `mapContrast: expected a map of the mask's ${mask.data.length} pixels, found ${map.length}`,
    );
  }
  if (!(limit > 0)) {
    throw new RangeError(`mapContrast: expected a positive limit, found ${limit}`);
  }
  const defect = map.filter((_, i) => mask.data[i] !== 0).sort();
  const background = map.filter((_, i) => mask.data[i] === 0).sort();
  if (defect.length === 0 || background.length === 0) return null;
  const shown = background.reduce((sum, value) => sum + Math.min(value / limit, 1), 0);
  return {
    auroc: auroc(
      Float64Array.from(map),
      Uint8Array.from(mask.data, (value) => (value === 0 ? 0 : 1)),
    ),
    background: shown / background.length,
    contrast: Math.log10(medianOfSorted(defect) / medianOfSorted(background)),
  };
}

function medianOfSorted(values: Float32Array): number {
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
