import { curvePoints, takeValues, withFirst } from './curve';
import type { CurveOptions } from './curve';
import { requireBothClasses } from './scores';
import type { Scores } from './scores';
import { thresholdCounts } from './threshold-counts';
import type { ThresholdCounts } from './threshold-counts';

/** The receiver operating characteristic, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Share of the normal items that are called anomalous; ascending. */
  falsePositiveRate: Float64Array;
  /** Share of the anomalous items that are called anomalous; ascending. */
  truePositiveRate: Float64Array;
  /** Items that score at least this are called anomalous; descending, Infinity first. */
  thresholds: Float64Array;
}

/**
 * The ROC curve with every distinct score as a threshold.
 *
 * @param labels 0 (normal) or 1 (anomalous) for each score
 * @throws UndefinedMetricError unless there are both normal and anomalous items
 * @throws RangeError if a score is NaN, or scores and labels are not as expected
 */
export function rocCurve(scores: Scores, labels: Uint8Array, options: CurveOptions = {}): RocCurve {
  return rocCurveOfCounts(thresholdCounts(scores, labels), options);
}

/** The ROC curve from counts that are at hand. */
export function rocCurveOfCounts(counts: ThresholdCounts, options: CurveOptions = {}): RocCurve {
  const { positives, negatives } = counts;
  requireBothClasses('The ROC curve', counts);
  const falsePositives = withFirst(0, counts.falsePositives);
  const truePositives = withFirst(0, counts.truePositives);
  const thresholds = withFirst(Infinity, counts.thresholds);
  const points = curvePoints(falsePositives, truePositives, options);
  return {
    falsePositiveRate: takeValues(falsePositives, points, negatives),
    truePositiveRate: takeValues(truePositives, points, positives),
    thresholds: takeValues(thresholds, points),
  };
}
