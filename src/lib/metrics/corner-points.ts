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
