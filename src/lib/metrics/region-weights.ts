import type { Components } from './connected-components';
import { UndefinedMetricError } from './undefined-metric-error';

/** What each pixel counts on the PRO curve. */
export interface RegionWeights {
  /** Defect-free pixels. */
  normalPixels: number;
  /** The share of the mean overlap that one pixel of region k brings; 0 for the background at 0. */
  weights: Float64Array;
}

/** @throws UndefinedMetricError unless there are both defect and defect-free pixels */
export function regionWeights({ sizes }: Components): RegionWeights {
  const regionCount = sizes.length - 1;
  const normalPixels = sizes[0];
  if (regionCount === 0 || normalPixels === 0) {
    throw new UndefinedMetricError(
      `The PRO curve needs defect and defect-free pixels, found ${regionCount} defect regions and ` +
        `${normalPixels} defect-free pixels.`,
    );
  }
  const weights = Float64Array.from(sizes, (size) => 1 / size / regionCount);
  weights[0] = 0;
  return { normalPixels, weights };
}
