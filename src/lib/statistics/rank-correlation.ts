/**
 * Spearman's rank correlation: 1 where both order everything alike, equal values sharing their mean rank.
 *
 * @returns null where one of them has no order: fewer than two values, or all the same
 * @throws RangeError for different numbers of values
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number | null {
  if (x.length !== y.length) {
    throw new RangeError(`Expected as many values of both, found ${x.length} and ${y.length}.`);
  }
  const [ranksX, ranksY] = [ranksOf(x), ranksOf(y)];
  const middle = (x.length - 1) / 2;
  let [products, squaresX, squaresY] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [ranksX[i] - middle, ranksY[i] - middle];
    products += a * b;
    squaresX += a * a;
    squaresY += b * b;
  }
  const scale = Math.sqrt(squaresX) * Math.sqrt(squaresY);
  return scale > 0 ? products / scale : null;
}

/** From 0. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end - 1) / 2;
  }
  return ranks;
}
