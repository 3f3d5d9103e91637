import type { Scores } from './scores';

/**
 * A quantile, interpolated linearly between neighbours (definition 7 of Hyndman and Fan, 1996; NumPy's default). Next to
 * an infinity there is nothing to interpolate: the larger neighbour is taken.
 *
 * Operating thresholds and the intervals of paired differences are simple-statistics' `quantileSorted`, another
 * definition: it takes one of the values, or the mean of two. Results already written depend on it.
 *
 * @param sorted ascending
 * @param q from 0 to 1
 * @throws RangeError if there are no values, one is NaN, or q is out of range
 */
export function quantile(sorted: Scores, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`Expected a quantile from 0 to 1, found ${q}.`);
  if (sorted.length === 0) throw new RangeError('Expected values for a quantile, found none.');
  // Typed arrays sort it to the end.
  if (Number.isNaN(sorted[sorted.length - 1])) {
    throw new RangeError('Expected values that can be ranked for a quantile, found NaN.');
  }
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === above || below === -Infinity) return above;
  return below + (above - below) * (position - Math.floor(position));
}
