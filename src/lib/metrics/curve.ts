/** Which points of a curve are returned. */
export interface CurveOptions {
  /** Keep points on the straight line between their neighbours. Default false: the shape is the same. */
  keepCollinear?: boolean;
  /** At most this many points, for charts (see `thinCurve`); this changes the area. Default: all. */
  maxPoints?: number;
}

/**
 * Chooses the points of a curve that the options ask for.
 *
 * @returns ascending indices
 */
export function curvePoints(
  x: Float64Array,
  y: Float64Array,
  { keepCollinear = false, maxPoints = Math.max(2, x.length) }: CurveOptions,
): Uint32Array {
  if (keepCollinear) return thinCurve(x, y, maxPoints);
  const corners = cornerPoints(x, y);
  if (corners.length <= maxPoints) return corners;
  const chosen = thinCurve(takeValues(x, corners), takeValues(y, corners), maxPoints);
  return chosen.map((k) => corners[k]);
}

/**
 * The points of a monotone curve that its shape needs: those on the straight line between their
 * neighbours are left out, the first and the last never. Exact where coordinates are counts.
 *
 * @returns ascending indices
 */
export function cornerPoints(x: Float64Array, y: Float64Array): Uint32Array {
  const corners = new Uint32Array(x.length);
  let count = 0;
  for (let i = 0; i < x.length; i++) {
    const last = count === 0 ? 0 : corners[count - 1];
    const isEnd = i === 0 || i === x.length - 1;
    if (isEnd || (x[i] - x[last]) * (y[i + 1] - y[i]) !== (x[i + 1] - x[i]) * (y[i] - y[last])) {
      corners[count++] = i;
    }
  }
  return corners.slice(0, count);
}

/**
 * Chooses at most `maxPoints` points of a curve, for a chart: the curve is cut into pieces of
 * equal length (a length being the sum of the horizontal and vertical steps, each relative to the
 * curve's extent on that axis), and the last point in each piece is taken, together with the
 * curve's first. So along the curve no point left out is farther from a chosen one than
 * (length of the curve) / (maxPoints - 1).
 *
 * @param x finite
 * @param y finite
 * @param maxPoints an integer of at least 2
 * @returns ascending indices
 * @throws RangeError if maxPoints is not such an integer
 */
export function thinCurve(x: Float64Array, y: Float64Array, maxPoints: number): Uint32Array {
  if (!Number.isSafeInteger(maxPoints) || maxPoints < 2) {
    throw new RangeError(
      `Expected an integer of at least 2 as the number of points, found ${maxPoints}.`,
    );
  }
  const count = x.length;
  if (count <= maxPoints) return Uint32Array.from({ length: count }, (_, i) => i);
  const walked = new Float64Array(count);
  const [width, height] = [extent(x), extent(y)];
  for (let i = 1; i < count; i++) {
    const step = Math.abs(x[i] - x[i - 1]) / width + Math.abs(y[i] - y[i - 1]) / height;
    walked[i] = walked[i - 1] + step;
  }
  const pieces = maxPoints - 1;
  const length = walked[count - 1] || 1;
  const pieceOf = (i: number) => Math.min(pieces - 1, Math.floor((walked[i] / length) * pieces));
  const chosen = [0];
  for (let i = 1; i < count; i++) {
    if (i === count - 1 || pieceOf(i) !== pieceOf(i + 1)) chosen.push(i);
  }
  return Uint32Array.from(chosen);
}

/** The extent of the values on their axis; 1 if they are all equal, to divide by. */
function extent(values: Float64Array): number {
  let [lowest, highest] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < lowest) lowest = values[i];
    if (values[i] > highest) highest = values[i];
  }
  return highest - lowest || 1;
}

/**
 * Area under a piecewise linear curve from its first point to an abscissa, where the curve is
 * interpolated (trapezoidal rule).
 *
 * @param x ascending; equal values make a vertical step
 * @param limit not beyond the last x
 */
export function areaUpTo(x: Float64Array, y: Float64Array, limit: number): number {
  let area = 0;
  for (let i = 1; i < x.length; i++) {
    const step = x[i] - x[i - 1];
    if (x[i] > limit) {
      const part = limit - x[i - 1];
      return area + part * (y[i - 1] + ((y[i] - y[i - 1]) * part) / (2 * step));
    }
    area += (step * (y[i] + y[i - 1])) / 2;
  }
  return area;
}

/** The values at some indices, each divided by `divisor`. */
export function takeValues(values: Float64Array, indices: Uint32Array, divisor = 1): Float64Array {
  // A plain loop: Float64Array.from with a function takes ten times as long.
  const taken = new Float64Array(indices.length);
  for (let k = 0; k < indices.length; k++) taken[k] = values[indices[k]] / divisor;
  return taken;
}

/** An array with one more value before the others. */
export function withFirst(first: number, others: ArrayLike<number>): Float64Array {
  const values = new Float64Array(others.length + 1);
  values[0] = first;
  values.set(others, 1);
  return values;
}
