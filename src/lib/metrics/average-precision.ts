import { requirePositives } from './scores';
import type { Scores } from './scores';
import { thresholdCounts } from './threshold-counts';
import type { ThresholdCounts } from './threshold-counts';

/**
 * Average precision: the sum over thresholds of the precision times the step in recall, without
 * interpolation (scikit-learn's definition).
 *
 * @param labels 0 (normal) or 1 (anomalous) for each score
 * @returns above 0, up to 1
 * @throws UndefinedMetricError if there are no anomalous items
 * @throws RangeError if a score is NaN, or scores and labels are not as expected
 */
export function averagePrecision(scores: Scores, labels: Uint8Array): number {
  return averagePrecisionOfCounts(thresholdCounts(scores, labels));
}

/** Average precision from counts that are at hand. */
export function averagePrecisionOfCounts(counts: ThresholdCounts): number {
  const { truePositives, falsePositives, positives } = counts;
  requirePositives('Average precision', counts);
  let sum = 0;
  let previousTrue = 0;
  for (let i = 0; i < truePositives.length; i++) {
    const precision = truePositives[i] / (truePositives[i] + falsePositives[i]);
    sum += (truePositives[i] - previousTrue) * precision;
    previousTrue = truePositives[i];
  }
  return sum / positives;
}
