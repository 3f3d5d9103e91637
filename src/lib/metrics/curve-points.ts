import { cornerPoints } from './corner-points';
import { takeValues } from './take-values';
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
  if (corners.length <= maxPoints) return corners;
  const chosen = thinCurve(takeValues(x, corners), takeValues(y, corners), maxPoints);
  return chosen.map((k) => corners[k]);
}
