import { nanScoreError } from './nan-score-error';
import type { Scores } from './scores';

/** The distinct scores of one class. */
export interface ClassLevels {
  /** Ascending. */
  levels: Scores;
  /** How many scores of the class equal each level. */
  multiplicities: Uint32Array;
}

/**
 * @param labels 0 or 1 for each score
 * @param label of the class
 * @param size how many scores the class has
 * @throws RangeError if a score of the class is NaN
 */
export function classLevels(
  scores: Scores,
  labels: Uint8Array,
  label: 0 | 1,
  size: number,
): ClassLevels {
  const sorted = scores.slice(0, size);
  let taken = 0;
  for (let i = 0; i < scores.length; i++) {
    if (labels[i] === label) sorted[taken++] = scores[i];
  }
  sorted.sort();
  // NaN is sorted to the end.
  if (size > 0 && Number.isNaN(sorted[size - 1])) throw nanScoreError(scores);
  const multiplicities = new Uint32Array(size);
  let count = 0;
  for (let k = 0; k < size; k++) {
    // In place: level `count` is never written before it has been read.
    if (count === 0 || sorted[k] !== sorted[count - 1]) sorted[count++] = sorted[k];
    multiplicities[count - 1]++;
  }
  return { levels: sorted.slice(0, count), multiplicities: multiplicities.slice(0, count) };
}
