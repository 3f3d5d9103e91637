/*
 * What the values of an anomaly map say, without whatever computes maps: a page in a browser has them too.
 */

/** The image's anomaly score: the largest value of its anomaly map (paper, section 2). NaN if any value is. */
export function imageScore(map: ArrayLike<number>): number {
  if (map.length === 0) throw new RangeError('An anomaly map without pixels has no score.');
  let score = -Infinity;
  for (let i = 0; i < map.length; i++) {
    if (!(map[i] <= score)) score = map[i];
    if (Number.isNaN(score)) return NaN;
  }
  return score;
}

/** The largest value of a map that is NaN where it does not count; -Infinity if it counts nowhere. */
export function largestCounted(map: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < map.length; i++) if (map[i] > largest) largest = map[i];
  return largest;
}

/**
 * The mean of the largest values of a map: an image score that no single pixel decides (DeSTSeg's, CVPR 2023, takes the
 * mean of the top 100 of 256 x 256 pixels). NaN if any value is.
 *
 * @param share of the pixels, above 0, up to 1; at least one is taken
 * @throws RangeError for a map without pixels, or another share
 */
export function topMean(map: ArrayLike<number>, share: number): number {
  if (map.length === 0) throw new RangeError('An anomaly map without pixels has no score.');
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`Expected a share above 0 and up to 1, found ${share}.`);
  }
  const sorted = Float32Array.from(map).sort();
  const count = Math.max(1, Math.round(share * map.length));
  return sorted.subarray(sorted.length - count).reduce((sum, value) => sum + value, 0) / count;
}

/**
 * What is wrong with a map that holds NaN, in words: "NaN in 3 of 64 pixels, first at x 2, y 1".
 *
 * @param region 1 where the map counts: elsewhere it may be NaN. Default: it counts everywhere
 * @returns null for a map without NaN
 */
export function nanInMap(map: Float32Array, width: number, region?: Uint8Array): string | null {
  const isNan = (value: number, i: number) => Number.isNaN(value) && region?.[i] !== 0;
  const first = map.findIndex(isNan);
  if (first < 0) return null;
  const count = map.reduce((sum, value, i) => sum + +isNan(value, i), 0);
  const place = `x ${first % width}, y ${Math.floor(first / width)}`;
  return `NaN in ${count} of ${map.length} pixels, first at ${place}`;
}
