import { checkLabels, requireBothClasses } from './scores';
import type { Scores } from './scores';
import { classLevels, countAmong } from './count-among';
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
  const positives = checkLabels(scores, labels);
  const negatives = labels.length - positives;
  requireBothClasses('AUROC', { positives, negatives });
  // Only the rarer class is sorted; the pairs are counted from its side.
  const rarer = positives <= negatives ? 1 : 0;
  const size = Math.min(positives, negatives);
  const { levels, multiplicities } = classLevels(scores, labels, rarer, size);
  const others = countAmong(levels, scores, labels, rarer === 1 ? 0 : 1);
  let twiceAbove = 0;
  let below = 0;
  for (let k = 0; k < levels.length; k++) {
    const equal = others[2 * k + 1];
    below += others[2 * k];
    twiceAbove += multiplicities[k] * (2 * below + equal);
    below += equal;
  }
  const twicePairs = 2 * positives * negatives;
  return (rarer === 1 ? twiceAbove : twicePairs - twiceAbove) / twicePairs;
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
