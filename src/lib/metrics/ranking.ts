import { descendingKeys } from './descending-keys';
import { radixSort } from './radix-sort';
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
