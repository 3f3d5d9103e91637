import { nanScoreError } from './nan-score-error';
import type { Scores } from './scores';

/** The positions of a 64-bit float's halves in memory: little-endian on every platform of the engine. */
const lowWord = 0;
const highWord = 1;

/**
 * Maps each float to an unsigned integer so that a larger float has a smaller integer: IEEE 754
 * bit patterns order like sign-magnitude integers, so the bits of a positive number are flipped
 * except for the sign and those of a negative number stay. -0 becomes 0 first, for the two are
 * equal.
 *
 * @returns the keys as words of 32 bits, the least significant word first: one array for 32-bit
 *   floats, two for 64-bit floats
 * @throws RangeError if any score is NaN, saying how many are and where the first ones stand
 */
export function descendingKeys(scores: Scores): Uint32Array[] {
  const keys = scores instanceof Float32Array ? singleKeys(scores) : doubleKeys(scores);
  if (keys === null) throw nanScoreError(scores);
  return keys;
}

function singleKeys(scores: Float32Array): Uint32Array[] | null {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i];
    if ((word & 0x7fffffff) > 0x7f800000) return null;
    const isNegative = word > 0x80000000;
    keys[i] = isNegative ? word : (word & 0x7fffffff) ^ 0x7fffffff;
  }
  return [keys];
}

function doubleKeys(scores: Float64Array): Uint32Array[] | null {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, 2 * scores.length);
  const low = new Uint32Array(scores.length);
  const high = new Uint32Array(scores.length);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i];
    if (score !== score) return null;
    const isNegative = score < 0;
    low[i] = isNegative ? bits[2 * i + lowWord] : ~bits[2 * i + lowWord];
    high[i] = isNegative
      ? bits[2 * i + highWord]
      : (bits[2 * i + highWord] & 0x7fffffff) ^ 0x7fffffff;
  }
  return [low, high];
}
