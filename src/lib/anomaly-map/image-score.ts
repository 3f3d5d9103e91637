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
