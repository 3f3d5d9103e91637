import { checkLabels } from './scores';
import type { ImageSize, Scores } from './scores';
import { curvePoints, takeValues } from './curve';
import type { CurveOptions } from './curve';
import { defectRegions, regionWeights } from './regions';
import { rankDescending } from './ranking';
import type { Ranking } from './ranking';

/** Per-region overlap against the false-positive rate, from (0, 0) to (1, 1). */
export interface ProCurve {
  /** Share of the defect-free pixels of the whole test set that are called defective; ascending. */
  falsePositiveRate: Float64Array;
  /** Mean over the defect regions of the share of the region that is called defective; ascending. */
  perRegionOverlap: Float64Array;
  /** Pixels that score at least this are called defective; descending, Infinity first. */
  thresholds: Float64Array;
}

export interface ProCurveOptions extends ImageSize, CurveOptions {
  /** The ranking of the scores, if it is at hand. One without some of the defect-free pixels leaves these out. */
  ranking?: Ranking;
}

/**
 * The PRO curve of MVTec's evaluation code (Bergmann et al., The MVTec Anomaly Detection Dataset,
 * IJCV 2021, section 5.2): regions are the 8-connected components of each mask, the
 * false-positive rate is taken over all defect-free pixels of all images, and every distinct
 * score is a threshold.
 *
 * @param scores of all pixels of all test images, [images, height, width]
 * @param labels 0 (normal) or 1 (defect) for each pixel
 * @throws UndefinedMetricError unless there are both defect and defect-free pixels
 * @throws RangeError if a score is NaN, or scores, labels and size are not as expected
 */
export function proCurve(scores: Scores, labels: Uint8Array, options: ProCurveOptions): ProCurve {
  checkLabels(scores, labels);
  const regions = defectRegions(labels, options);
  const { order, groupEnds } = options.ranking ?? rankDescending(scores);
  const { normalPixels, weights } = regionWeights(regions, scores.length - order.length);

  const falsePositives = new Float64Array(groupEnds.length + 1);
  const overlaps = new Float64Array(groupEnds.length + 1);
  const thresholds = new Float64Array(groupEnds.length + 1);
  thresholds[0] = Infinity;
  let overlap = 0;
  let k = 0;
  for (let group = 0; group < groupEnds.length; group++) {
    const end = groupEnds[group];
    let falseCount = falsePositives[group];
    thresholds[group + 1] = scores[order[k]];
    for (; k < end; k++) {
      const region = regions.labels[order[k]];
      if (region === 0) falseCount++;
      else overlap += weights[region];
    }
    falsePositives[group + 1] = falseCount;
    overlaps[group + 1] = Math.min(overlap, 1);
  }
  overlaps[groupEnds.length] = 1; // up to rounding

  const points = curvePoints(falsePositives, overlaps, options);
  return {
    falsePositiveRate: takeValues(falsePositives, points, normalPixels),
    perRegionOverlap: takeValues(overlaps, points),
    thresholds: takeValues(thresholds, points),
  };
}
