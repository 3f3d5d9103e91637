import { nanScoreError } from './scores';
import type { Scores } from './scores';

/** Scores from the largest to the smallest, in groups of equal ones. */
export interface Ranking {
  /** Indices into the scores. Equal scores keep their order. */
  order: Uint32Array;
  /** For each distinct score, the position in `order` just after its last index. */
  groupEnds: Uint32Array;
}

/**
 * Ranks scores exactly: by the bits of the floats, neither rescaled nor clamped. Infinities rank
 * as the extremes they are, and -0 equals 0.
 *
 * @throws RangeError if any score is NaN
 */
export function rankDescending(scores: Scores): Ranking {
  const words = descendingKeys(scores);
  let order: Uint32Array = new Uint32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  words.forEach((word, w) => {
    // A stable sort by the low word and then by the high word sorts by both.
    order = radixSort(w === 0 ? word : gather(word, order), order);
  });
  return { order, groupEnds: groupEnds(scores, order) };
}

function gather(values: Uint32Array, order: Uint32Array): Uint32Array {
  const gathered = new Uint32Array(order.length);
  for (let k = 0; k < order.length; k++) gathered[k] = values[order[k]];
  return gathered;
}

function groupEnds(scores: Scores, order: Uint32Array): Uint32Array {
  const ends = new Uint32Array(order.length);
  let groups = 0;
  let previous = order.length > 0 ? scores[order[0]] : NaN;
  for (let k = 1; k < order.length; k++) {
    const score = scores[order[k]];
    if (score !== previous) ends[groups++] = k;
    previous = score;
  }
  if (order.length > 0) ends[groups++] = order.length;
  return ends.slice(0, groups);
}

/**
 * The ranking of a part of the scores, taken from that of all of them in one pass, without
 * sorting again.
 *
 * @param keep for each score, 0 to leave it out
 */
export function selectRanking(ranking: Ranking, keep: Uint8Array): Ranking {
  const order = new Uint32Array(ranking.order.length);
  const groupEnds = new Uint32Array(ranking.groupEnds.length);
  let kept = 0;
  let groups = 0;
  let k = 0;
  for (let group = 0; group < ranking.groupEnds.length; group++) {
    const end = ranking.groupEnds[group];
    const before = kept;
    for (; k < end; k++) {
      const index = ranking.order[k];
      if (keep[index] !== 0) order[kept++] = index;
    }
    if (kept > before) groupEnds[groups++] = kept;
  }
  return { order: order.slice(0, kept), groupEnds: groupEnds.slice(0, groups) };
}

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
function descendingKeys(scores: Scores): Uint32Array[] {
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

/** 11 bits a pass: three passes for a word, with counters that fit the processor's first cache. */
const digitBits = 11;
const digitCount = 1 << digitBits;

/**
 * Sorts indices by their keys, ascending and stable, by least significant digit first: linear in
 * the number of keys, and a pass is left out when all keys share its digit.
 *
 * @param keys keys[k] belongs to order[k]; overwritten
 * @param order any indices; overwritten
 * @returns the indices in the order of their keys (one of the arrays used on the way)
 */
function radixSort(keys: Uint32Array, order: Uint32Array): Uint32Array {
  let [fromKeys, toKeys]: Uint32Array[] = [keys, new Uint32Array(keys.length)];
  let [fromOrder, toOrder]: Uint32Array[] = [order, new Uint32Array(order.length)];
  for (let shift = 0; shift < 32; shift += digitBits) {
    const next = digitOffsets(fromKeys, shift);
    if (next === null) continue;
    for (let k = 0; k < fromKeys.length; k++) {
      const key = fromKeys[k];
      const place = next[(key >>> shift) & (digitCount - 1)]++;
      toKeys[place] = key;
      toOrder[place] = fromOrder[k];
    }
    [fromKeys, toKeys] = [toKeys, fromKeys];
    [fromOrder, toOrder] = [toOrder, fromOrder];
  }
  return fromOrder;
}

/** Where the keys of each digit begin in the sorted array, or null if there is one digit only. */
function digitOffsets(keys: Uint32Array, shift: number): Uint32Array | null {
  const offsets = new Uint32Array(digitCount);
  for (let k = 0; k < keys.length; k++) offsets[(keys[k] >>> shift) & (digitCount - 1)]++;
  let sum = 0;
  for (let digit = 0; digit < digitCount; digit++) {
    const count = offsets[digit];
    if (count === keys.length) return null;
    offsets[digit] = sum;
    sum += count;
  }
  return offsets;
}
