/**
 * Chooses at most `maxPoints` points of a curve, for a chart: the curve is cut into pieces of
 * equal length (a length being the sum of the horizontal and vertical steps, each relative to the
 * curve's extent on that axis), and the last point in each piece is taken, together with the
 * curve's first. So along the curve no point left out is farther from a chosen one than
 * (length of the curve) / (maxPoints - 1).
 *
 * @param x finite
 * @param y finite
 * @param maxPoints an integer from 2
 * @returns ascending indices
 * @throws RangeError if maxPoints is not such an integer
 */
export function thinCurve(x: Float64Array, y: Float64Array, maxPoints: number): Uint32Array {
  if (!Number.isSafeInteger(maxPoints) || maxPoints < 2) {
    throw new RangeError(`Expected an integer from 2 as the number of points, found ${maxPoints}.`);
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
