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

/**
 * What is wrong with a map that holds NaN, in words: "NaN in 3 of 64 pixels, first at x 2, y 1".
 *
 * @returns null for a map of numbers
 */
export function nanInMap(map: Float32Array, width: number): string | null {
  const first = map.findIndex((value) => Number.isNaN(value));
  if (first < 0) return null;
  const count = map.reduce((sum, value) => sum + +Number.isNaN(value), 0);
  const place = `x ${first % width}, y ${Math.floor(first / width)}`;
  return `NaN in ${count} of ${map.length} pixels, first at ${place}`;
}
