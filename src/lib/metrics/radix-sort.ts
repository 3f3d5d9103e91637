/** 11 bits a pass: three passes for a word, with counters that fit the processor's first cache. */
const digitBits = 11;
const digitCount = 1 << digitBits;

/**
 * Sorts indices by their keys, ascending and stable, by least significant digit first: linear in
 * the number of keys, and a pass is left out when all keys share its digit.
 *
 * @param keys keys[k] belongs to order[k]; overwritten
 * @param order any indices; overwritten
 * @returns the indices in the order of their keys (one of the arrays used on the way)
 */
export function radixSort(keys: Uint32Array, order: Uint32Array): Uint32Array {
  let [fromKeys, toKeys]: Uint32Array[] = [keys, new Uint32Array(keys.length)];
  let [fromOrder, toOrder]: Uint32Array[] = [order, new Uint32Array(order.length)];
  for (let shift = 0; shift < 32; shift += digitBits) {
    const next = digitOffsets(fromKeys, shift);
    if (next === null) continue;
    for (let k = 0; k < fromKeys.length; k++) {
      const key = fromKeys[k];
      const place = next[(key >>> shift) & (digitCount - 1)]++;
      toKeys[place] = key;
      toOrder[place] = fromOrder[k];
    }
    [fromKeys, toKeys] = [toKeys, fromKeys];
    [fromOrder, toOrder] = [toOrder, fromOrder];
  }
  return fromOrder;
}

/** Where the keys of each digit begin in the sorted array, or null if there is one digit only. */
function digitOffsets(keys: Uint32Array, shift: number): Uint32Array | null {
  const offsets = new Uint32Array(digitCount);
  for (let k = 0; k < keys.length; k++) offsets[(keys[k] >>> shift) & (digitCount - 1)]++;
  let sum = 0;
  for (let digit = 0; digit < digitCount; digit++) {
    const count = offsets[digit];
    if (count === keys.length) return null;
    offsets[digit] = sum;
    sum += count;
  }
  return offsets;
}
