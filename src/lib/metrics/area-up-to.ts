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
