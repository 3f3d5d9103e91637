import { cornerPoints } from './corner-points';
import { thinCurve } from './thin-curve';

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
  const at = (values: Float64Array) => Float64Array.from(corners, (i) => values[i]);
  return thinCurve(at(x), at(y), maxPoints).map((i) => corners[i]);
}
