/** An array with one more value before the others. */
export function withFirst(first: number, others: ArrayLike<number>): Float64Array {
  const values = new Float64Array(others.length + 1);
  values[0] = first;
  values.set(others, 1);
  return values;
}
