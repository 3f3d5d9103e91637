import { checkLabels } from './scores';
import type { Scores } from './scores';
import { rankDescending } from './ranking';
import type { Ranking } from './ranking';

/**
 * The confusion counts at every distinct score taken as a threshold, from the largest score to
 * the smallest; whatever scores at least the threshold is called anomalous. All ranking metrics
 * come from these integers.
 */
export interface ThresholdCounts {
  /** Distinct scores, descending. */
  thresholds: Scores;
  /** Anomalous items at or above the threshold. */
  truePositives: Uint32Array;
  /** Normal items at or above the threshold. */
  falsePositives: Uint32Array;
  /** All anomalous items. */
  positives: number;
  /** All normal items. */
  negatives: number;
}

/**
 * @param labels 0 (normal) or 1 (anomalous) for each score
 * @param ranking of the scores or of a part of them, if it is at hand
 * @throws RangeError if the lengths differ, a score is NaN or a label is neither 0 nor 1
 */
export function thresholdCounts(
  scores: Scores,
  labels: Uint8Array,
  ranking?: Ranking,
): ThresholdCounts {
  checkLabels(scores, labels);
  const { order, groupEnds } = ranking ?? rankDescending(scores);
  const groups = groupEnds.length;
  const thresholds =
    scores instanceof Float32Array ? new Float32Array(groups) : new Float64Array(groups);
  const truePositives = new Uint32Array(groups);
  const falsePositives = new Uint32Array(groups);
  let positives = 0;
  let k = 0;
  for (let group = 0; group < groups; group++) {
    const end = groupEnds[group];
    thresholds[group] = scores[order[k]];
    for (; k < end; k++) positives += labels[order[k]];
    truePositives[group] = positives;
    falsePositives[group] = end - positives;
  }
  const negatives = order.length - positives;
  return { thresholds, truePositives, falsePositives, positives, negatives };
}
