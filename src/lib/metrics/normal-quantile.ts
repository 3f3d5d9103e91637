import type { Scores } from './scores';

/**
 * An operating threshold from normal images alone: the quantile of their scores, interpolated
 * linearly between neighbours (definition 7 of Hyndman and Fan, 1996; NumPy's default). What
 * scores above it is called anomalous, so about 1 - q of normal items are false alarms.
 *
 * @param scores of normal items that were not trained on
 * @param q from 0 to 1
 * @throws RangeError if there are no scores, a score is NaN, or q is out of range
 */
export function normalQuantile(scores: Scores, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`Expected a quantile from 0 to 1, found ${q}.`);
  if (scores.length === 0) throw new RangeError('Expected scores of normal images, found none.');
  const nan = scores.findIndex((score) => Number.isNaN(score));
  if (nan >= 0) throw new RangeError(`Expected scores that can be ranked, found NaN at ${nan}.`);
  const sorted = scores.slice().sort();
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  // Between infinities there is nothing to interpolate.
  if (below === above || below === -Infinity) return above;
  return below + (above - below) * (position - Math.floor(position));
}
