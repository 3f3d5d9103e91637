import { curvePoints, takeValues, withFirst } from './curve';
import type { CurveOptions } from './curve';
import { requirePositives } from './scores';
import type { Scores } from './scores';
import { thresholdCounts } from './threshold-counts';
import type { ThresholdCounts } from './threshold-counts';

/** Precision against recall, from (0, 1), which belongs to no threshold, to recall 1. */
export interface PrecisionRecallCurve {
  /** Share of the anomalous items that are called anomalous; ascending. */
  recall: Float64Array;
  /** Share of the items called anomalous that are. */
  precision: Float64Array;
  /** Items that score at least this are called anomalous; descending, Infinity first. */
  thresholds: Float64Array;
}

/**
 * The precision-recall curve with every distinct score as a threshold.
 *
 * @param labels 0 (normal) or 1 (anomalous) for each score
 * @throws UndefinedMetricError if there are no anomalous items
 * @throws RangeError if a score is NaN, or scores and labels are not as expected
 */
export function precisionRecallCurve(
  scores: Scores,
  labels: Uint8Array,
  options: CurveOptions = {},
): PrecisionRecallCurve {
  return precisionRecallCurveOfCounts(thresholdCounts(scores, labels), options);
}

/** The precision-recall curve from counts that are at hand. */
function precisionRecallCurveOfCounts(
  counts: ThresholdCounts,
  options: CurveOptions = {},
): PrecisionRecallCurve {
  const { positives, falsePositives } = counts;
  requirePositives('The precision-recall curve', counts);
  const truePositives = withFirst(0, counts.truePositives);
  const precision = new Float64Array(truePositives.length);
  precision[0] = 1;
  for (let i = 1; i < precision.length; i++) {
    precision[i] = truePositives[i] / (truePositives[i] + falsePositives[i - 1]);
  }
  const thresholds = withFirst(Infinity, counts.thresholds);
  const points = curvePoints(truePositives, precision, options);
  return {
    recall: takeValues(truePositives, points, positives),
    precision: takeValues(precision, points),
    thresholds: takeValues(thresholds, points),
  };
}
