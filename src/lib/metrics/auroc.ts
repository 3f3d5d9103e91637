import { requireBothClasses } from './require-classes';
import type { Scores } from './scores';
import { thresholdCounts } from './threshold-counts';
import type { ThresholdCounts } from './threshold-counts';

/**
 * Area under the ROC curve: the probability that an anomalous item scores above a normal one,
 * ties counting one half (Mann-Whitney). Exact up to the final division while twice the number of
 * pairs stays below 2^53.
 *
 * @param labels 0 (normal) or 1 (anomalous) for each score
 * @returns from 0 to 1
 * @throws UndefinedMetricError unless there are both normal and anomalous items
 * @throws RangeError if a score is NaN, or scores and labels are not as expected
 */
export function auroc(scores: Scores, labels: Uint8Array): number {
  return aurocOfCounts(thresholdCounts(scores, labels));
}

/** AUROC from counts that are at hand. */
export function aurocOfCounts(counts: ThresholdCounts): number {
  const { truePositives, falsePositives, positives, negatives } = counts;
  requireBothClasses('AUROC', counts);
  let twiceArea = 0;
  let previousTrue = 0;
  let previousFalse = 0;
  for (let i = 0; i < truePositives.length; i++) {
    twiceArea += (falsePositives[i] - previousFalse) * (previousTrue + truePositives[i]);
    previousTrue = truePositives[i];
    previousFalse = falsePositives[i];
  }
  return twiceArea / (2 * positives * negatives);
}
