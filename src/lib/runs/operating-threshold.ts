import { scoresOf } from '../anomaly-map/detect';
import type { AnomalyDetector, DetectOptions } from '../anomaly-map/detect';
import { thresholdFromGood } from '../anomaly-map/threshold';
import type { OperatingThreshold } from '../anomaly-map/threshold';
import type { ImageStack } from '../data/image';

/**
 * Sets the threshold from the scores of good images, for one false alarm in a hundred unless another rate is asked for:
 * see `thresholdFromGood`.
 *
 * @param normal as the detector will see images later: resized, and not otherwise changed
 * @throws RangeError if a score is not finite
 */
export async function operatingThreshold(
  detector: AnomalyDetector,
  normal: ImageStack,
  source: 'held-out' | 'train',
  { rate, ...options }: Pick<DetectOptions, 'signal'> & { rate?: number } = {},
): Promise<OperatingThreshold> {
  return thresholdFromGood(scoresOf(await detector.detect(normal, options)), source, rate);
}
