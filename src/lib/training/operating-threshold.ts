import { quantileSorted } from 'simple-statistics';
import { detect } from '../anomaly-map/detect';
import type { DetectOptions } from '../anomaly-map/detect';
import type { ImageStack } from '../data/load-images';
import type { Detector } from '../models/detector';
import type { OperatingThreshold } from './threshold-record';

export { parseThreshold } from './threshold-record';
export type { OperatingThreshold } from './threshold-record';

/** Normal images that are let pass. */
const QUANTILE = 0.99;

/** Sets the threshold from the scores of normal images. */
export async function operatingThreshold(
  detector: Detector,
  normal: ImageStack,
  source: OperatingThreshold['source'],
  options: Pick<DetectOptions, 'signal'> = {},
): Promise<OperatingThreshold> {
  const scores = (await detect(detector, normal, options)).map(({ score }) => score);
  const value = quantileSorted(
    scores.sort((a, b) => a - b),
    QUANTILE,
  );
  return { value, quantile: QUANTILE, images: normal.count, source };
}
