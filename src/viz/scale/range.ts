/** The values that get the first and the last colour of a colour map; values beyond are clamped. */
export interface Range {
  lo: number;
  hi: number;
}

/**
 * The range from the smallest to the largest finite value: the paper's scaling, each map on its own.
 * It makes the most normal image show a hot spot, and two models incomparable; see `sharedScale`.
 * A map without finite values gets 0 to 0.
 */
export function minMaxRange(map: ArrayLike<number>): Range {
  let lo = Infinity;
  let hi = -Infinity;
  for (let i = 0; i < map.length; i++) {
    const value = map[i];
    if (!Number.isFinite(value)) continue;
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return lo <= hi ? { lo, hi } : { lo: 0, hi: 0 };
}
