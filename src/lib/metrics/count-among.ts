import { nanScoreError } from './scores';
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
  // A local name: an import would be looked up anew for each of millions of scores.
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

/**
 * Buckets over distinct scores, such that a score's place among them is found in a few steps: a
 * bucket holds about one of them where they are dense, and about half of the buckets hold none.
 */
export interface ScoreIndex {
  /** The ordered word of the lowest and of the highest score. */
  lowest: number;
  highest: number;
  /** A score with the ordered word w, from lowest to highest, belongs to bucket (w - lowest) >>> shift. */
  shift: number;
  /** The scores of bucket b are those from starts[b] up to, but not including, starts[b + 1]. */
  starts: Uint32Array;
}

/** @param levels at least one, ascending, distinct, without NaN */
function indexScores(levels: Scores): ScoreIndex {
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

/** The leading 32 bits of floats, to be compared as integers. */
export interface OrderedWords {
  /** The floats' memory. */
  words: Int32Array;
  /** The leading word of float i is words[i * stride + offset]. */
  stride: number;
  offset: number;
}

/** Looks at floats as integers, without copying them; little-endian on every platform of the engine. */
function orderedWords(scores: Scores): OrderedWords {
  const stride = scores.BYTES_PER_ELEMENT / Int32Array.BYTES_PER_ELEMENT;
  const words = new Int32Array(scores.buffer, scores.byteOffset, scores.length * stride);
  return { words, stride, offset: stride - 1 };
}

/**
 * Turns a float's leading word into an integer that never falls as the float rises: IEEE 754 bit
 * patterns order like sign-magnitude integers, and -0 equals 0. A 32-bit float is determined
 * by its integer; two different 64-bit floats may share one.
 */
function orderedWord(word: number): number {
  return word === -0x80000000 ? 0 : word ^ ((word >> 31) >>> 1);
}
