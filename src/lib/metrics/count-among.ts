import { nanScoreError } from './nan-score-error';
import { orderedWord, orderedWords } from './ordered-words';
import { indexScores } from './score-index';
import type { Scores } from './scores';

/** In ranges longer than this, halving beats looking at one score after the other. */
const SHORT = 8;

/**
 * Counts where the scores of one class stand among the distinct scores of the other: exact, and
 * without sorting the class that is counted, which is the larger one where defects are small.
 *
 * @param levels the distinct scores of one class, ascending; at least one, none of them NaN
 * @param scores of both classes
 * @param labels 0 or 1 for each score
 * @param counted the label of the class that is counted
 * @returns 2 * levels.length + 1 counts: at 2 k + 1 of the scores equal to level k, at 2 k of those
 *   between level k - 1 and level k; the first and the last are beyond all levels
 * @throws RangeError if a counted score is NaN
 */
export function countAmong(
  levels: Scores,
  scores: Scores,
  labels: Uint8Array,
  counted: 0 | 1,
): Uint32Array {
  const { lowest, highest, shift, starts } = indexScores(levels);
  const { words, stride, offset } = orderedWords(scores);
  // Of this function: an import is looked up anew for each of millions of scores.
  const toOrdered = orderedWord;
  const counts = new Uint32Array(2 * levels.length + 1);
  for (let i = 0; i < scores.length; i++) {
    if (labels[i] !== counted) continue;
    const score = scores[i];
    if (score !== score) throw nanScoreError(scores);
    const word = toOrdered(words[i * stride + offset]);
    if (word < lowest) {
      counts[0]++;
    } else if (word > highest) {
      counts[counts.length - 1]++;
    } else {
      const bucket = (word - lowest) >>> shift;
      let k = starts[bucket];
      let end = starts[bucket + 1];
      while (end - k > SHORT) {
        const middle = (k + end) >>> 1;
        if (levels[middle] < score) k = middle + 1;
        else end = middle;
      }
      while (k < end && levels[k] < score) k++;
      // Past the bucket's end stands the next bucket's level, which is larger than the score, or none.
      counts[levels[k] === score ? 2 * k + 1 : 2 * k]++;
    }
  }
  return counts;
}
