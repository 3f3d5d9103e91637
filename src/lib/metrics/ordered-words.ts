import type { Scores } from './scores';

/** The leading 32 bits of floats, to be compared as integers. */
export interface OrderedWords {
  /** The floats' memory. */
  words: Int32Array;
  /** The leading word of float i is words[i * stride + offset]. */
  stride: number;
  offset: number;
}

/** Looks at floats as integers, without copying them; little-endian on every platform of the engine. */
export function orderedWords(scores: Scores): OrderedWords {
  const stride = scores.BYTES_PER_ELEMENT / Int32Array.BYTES_PER_ELEMENT;
  const words = new Int32Array(scores.buffer, scores.byteOffset, scores.length * stride);
  return { words, stride, offset: stride - 1 };
}

/**
 * Turns a float's leading word into an integer that never falls as the float rises: IEEE 754 bit
 * patterns order like sign-magnitude integers, and -0 equals 0. For a 32-bit float the integer
 * tells all of it; two different 64-bit floats may share one.
 */
export function orderedWord(word: number): number {
  return word === -0x80000000 ? 0 : word ^ ((word >> 31) >>> 1);
}
