import type { NamedArrays } from './tensor-file';

/** How far a model moved. */
export interface WeightChange {
  /** How many numbers were compared. */
  count: number;
  /** The share of them that are not bit for bit what they were. */
  changedShare: number;
  /** Length of the difference over the length of the weights before: 0 where nothing changed. */
  relativeDistance: number;
}

/**
 * Compares two states of a model, e.g. before and after training.
 *
 * @param before decides what is compared: every array of it
 * @param after may hold more
 * @throws Error that names an array which is missing in `after` or has another size
 */
export function weightChange(before: NamedArrays, after: NamedArrays): WeightChange {
  let [count, changed, squaredDistance, squaredLength] = [0, 0, 0, 0];
  for (const [name, { data }] of before) {
    const now = after.get(name)?.data;
    if (now?.length !== data.length) {
      throw new Error(
        `"${name}": expected ${data.length} values after, found ${now ? now.length : 'none'}.`,
      );
    }
    count += data.length;
    for (let i = 0; i < data.length; i++) {
      if (!Object.is(data[i], now[i])) changed++;
      squaredDistance += (now[i] - data[i]) ** 2;
      squaredLength += data[i] ** 2;
    }
  }
  return {
    count,
    changedShare: count === 0 ? 0 : changed / count,
    relativeDistance: squaredDistance === 0 ? 0 : Math.sqrt(squaredDistance / squaredLength),
  };
}
