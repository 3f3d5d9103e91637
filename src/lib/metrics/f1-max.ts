import { requirePositives } from './scores';
import type { Scores } from './scores';
import { thresholdCounts } from './threshold-counts';
import type { ThresholdCounts } from './threshold-counts';

/** The best F1 score over all thresholds. The threshold is chosen by the labels it is judged by. */
export interface F1Max {
  /** 2 TP / (2 TP + FP + FN), above 0, up to 1. */
  f1: number;
  /** Items that score at least this are called anomalous; the highest one if several do equally well. */
  threshold: number;
}

/**
 * The largest F1 score that any threshold reaches.
 *
 * @param labels 0 (normal) or 1 (anomalous) for each score
 * @throws UndefinedMetricError if there are no anomalous items
 * @throws RangeError if a score is NaN, or scores and labels are not as expected
 */
export function f1Max(scores: Scores, labels: Uint8Array): F1Max {
  return f1MaxOfCounts(thresholdCounts(scores, labels));
}

/** F1-max from counts that are at hand. */
export function f1MaxOfCounts(counts: ThresholdCounts): F1Max {
  const { thresholds, truePositives, falsePositives, positives } = counts;
  requirePositives('F1', counts);
  let best = { f1: -1, threshold: NaN };
  for (let i = 0; i < thresholds.length; i++) {
    const f1 = (2 * truePositives[i]) / (truePositives[i] + falsePositives[i] + positives);
    if (f1 > best.f1) best = { f1, threshold: thresholds[i] };
  }
  return best;
}
