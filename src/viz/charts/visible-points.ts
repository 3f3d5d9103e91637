/** A curve as two arrays of the same length. */
export interface Curve {
  x: Float64Array;
  y: Float64Array;
}

/**
 * Leaves out points of a curve that nobody could see: no point of the original lies farther than
 * `tolerance` from a kept one in either coordinate, and a jump keeps both its ends, so that steps
 * stay steps. First and last point always stay. The order of the points is kept.
 *
 * A monotone curve in the unit square keeps at most about `4 / tolerance` points of any number.
 *
 * @param tolerance in the units of the coordinates; for axes from 0 to 1, 1/400 is under a pixel
 * @throws RangeError if the coordinates differ in number
 */
export function visiblePoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  tolerance: number,
): Curve {
  if (x.length !== y.length) {
    throw new RangeError(
      `visiblePoints: expected as many y as x, found ${y.length} and ${x.length}`,
    );
  }
  const kept: number[] = [];
  let last = -1;
  for (let i = 0; i < x.length; i++) {
    const isEnd = i === 0 || i === x.length - 1;
    const moved =
      last < 0 || Math.abs(x[i] - x[last]) > tolerance || Math.abs(y[i] - y[last]) > tolerance;
    if (!isEnd && !moved) continue;
    if (i - 1 > last && last >= 0) kept.push(i - 1);
    kept.push(i);
    last = i;
  }
  return { x: Float64Array.from(kept, (i) => x[i]), y: Float64Array.from(kept, (i) => y[i]) };
}
