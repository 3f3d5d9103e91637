/**
 * The feature vectors of [b, h, w, depth], one by one: where one is 0 its gradient is of the order 1e12, and would hide
 * all others in a comparison of whole arrays.
 */
export function byPosition(values: ArrayLike<number>, depth: number): number[][] {
  return Array.from({ length: values.length / depth }, (_, p) =>
    Array.from({ length: depth }, (_, k) => values[p * depth + k]),
  );
}
