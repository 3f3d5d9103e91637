/** ||found - expected|| / ||expected|| of two arrays of one length. */
export function relativeDistance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [squares, length] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    squares += (found[i] - expected[i]) ** 2;
    length += expected[i] ** 2;
  }
  return Math.sqrt(squares / length);
}
