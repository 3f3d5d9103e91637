import { defectRegions } from './regions';
import type { Components } from './regions';
import { checkLabels, requirePositives } from './scores';
import type { ImageSize, Scores } from './scores';
import { thresholdCounts } from './threshold-counts';
import type { ThresholdCounts } from './threshold-counts';

export interface InstanceAveragePrecisionOptions extends ImageSize {
  /** The confusion counts of all pixels, if they are at hand. */
  counts?: ThresholdCounts;
}

/**
 * Instance average precision (IAP; Zhang et al., DeSTSeg: Segmentation Guided Denoising Student-Teacher for Anomaly
 * Detection, CVPR 2023, section 4.2): precision is counted in pixels, recall in instances, so that a small defect
 * weighs as much as a large one.
 *
 * An instance is an 8-connected component of a mask. It is found at a threshold when more than half of its pixels score
 * at least that much, so at the lower median of its scores and below. Recall is the share of the instances that are
 * found; precision the share of defect pixels among all pixels, of all images, that score at least the threshold. Every
 * distinct score is a threshold, but recall rises at the lower medians alone, and that is where the authors' code takes
 * the precision: that of a recall is the largest at this recall or a higher one. The metric is its mean over the
 * instances.
 *
 * @param scores of all pixels of all test images, [images, height, width]
 * @param labels 0 (normal) or 1 (defect) for each pixel
 * @returns above 0, up to 1
 * @throws UndefinedMetricError if there are no defect pixels
 * @throws RangeError if a score is NaN, or scores, labels and size are not as expected
 */
export function instanceAveragePrecision(
  scores: Scores,
  labels: Uint8Array,
  options: InstanceAveragePrecisionOptions,
): number {
  const positives = checkLabels(scores, labels);
  const negatives = labels.length - positives;
  requirePositives('Instance average precision', { positives, negatives });
  const regions = defectRegions(labels, options);
  const counts = options.counts ?? thresholdCounts(scores, labels);
  // From the last instance to be found to the first: recall falls, and the best precision so far is that of its recall.
  const found = detectionThresholds(scores, regions, positives).sort();
  let best = 0;
  let sum = 0;
  for (const threshold of found) {
    best = Math.max(best, precisionAt(threshold, counts));
    sum += best;
  }
  return sum / found.length;
}

/** The highest threshold at which more than half of a region is found, for each region. */
function detectionThresholds(scores: Scores, regions: Components, defectPixels: number): Scores {
  const { labels, sizes } = regions;
  const ends = new Uint32Array(sizes.length);
  for (let region = 1; region < sizes.length; region++) {
    ends[region] = ends[region - 1] + sizes[region];
  }
  // The scores of each region one after the other, filled from its end.
  const byRegion = scores.slice(0, defectPixels);
  const next = ends.slice();
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 0) byRegion[--next[labels[i]]] = scores[i];
  }
  const thresholds = scores.slice(0, sizes.length - 1);
  for (let region = 1; region < sizes.length; region++) {
    const sorted = byRegion.subarray(ends[region - 1], ends[region]).sort();
    thresholds[region - 1] = sorted[(sorted.length - 1) >> 1];
  }
  return thresholds;
}

/** The share of defect pixels among those that score at least a threshold, which is one of the scores. */
function precisionAt(threshold: number, counts: ThresholdCounts): number {
  const { thresholds, truePositives, falsePositives } = counts;
  let low = 0;
  let high = thresholds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (thresholds[middle] > threshold) low = middle + 1;
    else high = middle;
  }
  return truePositives[low] / (truePositives[low] + falsePositives[low]);
}
