import { quantileSorted } from 'simple-statistics';
import type { AnomalyDetector, DetectOptions } from '../anomaly-map/detect';
import type { OperatingThreshold } from '../anomaly-map/threshold';
import type { ImageStack } from '../data/image';

/** The share of the normal images that are to be called good. */
const QUANTILE = 0.99;

/**
 * Sets the threshold from the scores of normal images.
 *
 * @param normal as the detector will see images later: resized, and not otherwise changed
 * @throws RangeError if a score is NaN
 */
export async function operatingThreshold(
  detector: AnomalyDetector,
  normal: ImageStack,
  source: OperatingThreshold['source'],
  options: Pick<DetectOptions, 'signal'> = {},
): Promise<OperatingThreshold> {
  const scores = (await detector.detect(normal, options)).map(({ score }) => score);
  const nan = scores.findIndex((score) => Number.isNaN(score));
  if (nan >= 0) {
    throw new RangeError(
      `Image ${nan} of ${normal.count}: expected a number as its score, found NaN.`,
    );
  }
  const value = quantileSorted(
    scores.sort((a, b) => a - b),
    QUANTILE,
  );
  return { value, quantile: QUANTILE, images: normal.count, source };
}
