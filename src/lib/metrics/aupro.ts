import { areaUpTo } from './curve';
import { checkLabels, nanScoreError } from './scores';
import type { ImageSize, Scores } from './scores';
import { countAmong } from './count-among';
import { defectRegions, regionWeights } from './regions';
import { rankDescending } from './ranking';

export interface AuproOptions extends ImageSize {
  /** The false-positive rate at which the curve is cut off, above 0, up to 1. Default 0.3. */
  limit?: number;
  /** 0 for each pixel that is left out, which must not be one of a defect. Default: all count. */
  counted?: Uint8Array;
}

/**
 * Area under the PRO curve up to a false-positive rate, divided by that rate (Bergmann et al.,
 * IJCV 2021, section 5.2; MVTec's evaluation code). See `proCurve` for parameters and errors.
 *
 * @returns from 0 to 1
 */
export function aupro(scores: Scores, labels: Uint8Array, options: AuproOptions): number {
  return auproAtLimits(scores, labels, options, [options.limit ?? 0.3])[0];
}

/**
 * `aupro` at several limits, all from one curve.
 *
 * The curve rises at the scores of defect pixels alone, so only these, few as they are, are ranked;
 * defect-free pixels are counted between them.
 *
 * @param limits false-positive rates above 0, up to 1
 * @returns for each limit from 0 to 1
 */
export function auproAtLimits(
  scores: Scores,
  labels: Uint8Array,
  options: ImageSize & Pick<AuproOptions, 'counted'>,
  limits: readonly number[],
): number[] {
  limits.forEach(checkLimit);
  const defectPixels = checkLabels(scores, labels);
  const regions = defectRegions(labels, options);
  const { counted } = options;
  const left = counted ? counted.reduce((sum, value) => sum + +(value === 0), 0) : 0;
  const { normalPixels, weights } = regionWeights(regions, left);
  const defects = defectScores(scores, labels, regions.labels, defectPixels);
  const { order, groupEnds } = rankDescending(defects.scores);
  const levels = groupLevels(defects.scores, order, groupEnds);
  // Any other label is that of neither class.
  const classes = counted ? labels.map((label, i) => (counted[i] ? label : 2)) : labels;
  const normals = countAmong(levels, scores, classes, 0);

  // Two points for each level: the defect-free pixels above it, then the pixels that equal it.
  const falsePositives = new Float64Array(2 * levels.length + 2);
  const overlaps = new Float64Array(2 * levels.length + 2);
  let falseCount = 0;
  let overlap = 0;
  let k = 0;
  groupEnds.forEach((end, group) => {
    const level = levels.length - 1 - group;
    falseCount += normals[2 * level + 2];
    falsePositives[2 * group + 1] = falseCount / normalPixels;
    overlaps[2 * group + 1] = overlap;
    falseCount += normals[2 * level + 1];
    for (; k < end; k++) overlap = Math.min(overlap + weights[defects.regions[order[k]]], 1);
    falsePositives[2 * group + 2] = falseCount / normalPixels;
    overlaps[2 * group + 2] = overlap;
  });
  overlaps[overlaps.length - 2] = 1; // up to rounding
  overlaps[overlaps.length - 1] = 1;
  falsePositives[falsePositives.length - 1] = 1;
  return limits.map((limit) => areaUpTo(falsePositives, overlaps, limit) / limit);
}

function checkLimit(limit: number): void {
  if (limit > 0 && limit <= 1) return;
  throw new RangeError(`Expected a false-positive rate above 0 and up to 1, found ${limit}.`);
}

/**
 * The scores and the regions of the defect pixels alone.
 *
 * @throws RangeError if a score is NaN
 */
function defectScores(
  scores: Scores,
  labels: Uint8Array,
  regions: Uint32Array,
  count: number,
): { scores: Scores; regions: Uint32Array } {
  const defects = { scores: scores.slice(0, count), regions: new Uint32Array(count) };
  let k = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    if (Number.isNaN(scores[i])) throw nanScoreError(scores);
    defects.scores[k] = scores[i];
    defects.regions[k++] = regions[i];
  }
  return defects;
}

/** The distinct scores of a ranking, ascending. */
function groupLevels(scores: Scores, order: Uint32Array, groupEnds: Uint32Array): Scores {
  const levels = scores.slice(0, groupEnds.length);
  groupEnds.forEach((end, group) => {
    levels[levels.length - 1 - group] = scores[order[end - 1]];
  });
  return levels;
}
