import { orderedWord, orderedWords } from './ordered-words';
import type { Scores } from './scores';

/**
 * Buckets over distinct scores, such that a score's place among them is found in a few steps: a
 * bucket holds about one of them where they lie dense, and about half of the buckets none.
 */
export interface ScoreIndex {
  /** The ordered word of the lowest and of the highest score. */
  lowest: number;
  highest: number;
  /** A score with the ordered word w, from lowest to highest, belongs to bucket (w - lowest) >>> shift. */
  shift: number;
  /** The scores of bucket b are those from starts[b] up to, without, starts[b + 1]. */
  starts: Uint32Array;
}

/** @param levels at least one, ascending, distinct, without NaN */
export function indexScores(levels: Scores): ScoreIndex {
  const { words, stride, offset } = orderedWords(levels);
  const last = levels.length - 1;
  const lowest = orderedWord(words[offset]);
  const highest = orderedWord(words[last * stride + offset]);
  // The difference of two signed words needs 32 bits: >>> takes it as unsigned.
  const bits = bitLength((highest - lowest) >>> 0);
  const shift = Math.max(0, bits - bitLength(levels.length) - 1);
  const starts = new Uint32Array(((highest - lowest) >>> shift) + 2);
  for (let k = 0; k <= last; k++) {
    starts[((orderedWord(words[k * stride + offset]) - lowest) >>> shift) + 1]++;
  }
  for (let b = 1; b < starts.length; b++) starts[b] += starts[b - 1];
  return { lowest, highest, shift, starts };
}

const bitLength = (value: number) => 32 - Math.clz32(value);
