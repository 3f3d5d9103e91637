import type { NamedArray, NamedArrays } from '../weights/named-arrays';

/** Points of a space, one a row: what the statistics here are taken of. */
export interface Points {
  count: number;
  dimensions: number;
  /** [count, dimensions], row-major. */
  data: Float32Array;
}

/** Some of the points, in this order, as a copy. */
export function selectPoints({ dimensions, data }: Points, indices: ArrayLike<number>): Points {
  const selected = new Float32Array(indices.length * dimensions);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i] * dimensions;
    selected.set(data.subarray(start, start + dimensions), i * dimensions);
  }
  return { count: indices.length, dimensions, data: selected };
}

/** All points of several sets, one set after the other. @param sets at least one, all of the same dimensions */
export function concatPoints(sets: readonly Points[]): Points {
  const count = sets.reduce((sum, set) => sum + set.count, 0);
  const [{ dimensions }] = sets;
  const data = new Float32Array(count * dimensions);
  let end = 0;
  for (const set of sets) {
    data.set(set.data, end);
    end += set.data.length;
  }
  return { count, dimensions, data };
}

/** ||a - b||^2 of row `i` of `a` and row `j` of `b`, summed in double precision. */
export function squaredDistance(a: Points, i: number, b: Points, j: number): number {
  const { dimensions } = a;
  const [aStart, bStart] = [i * dimensions, j * dimensions];
  let sum = 0;
  for (let c = 0; c < dimensions; c++) {
    const difference = a.data[aStart + c] - b.data[bStart + c];
    sum += difference * difference;
  }
  return sum;
}

/** ||a||^2 of row `i`, summed in double precision. */
export function squaredNorm({ data, dimensions }: Points, i: number): number {
  let sum = 0;
  for (let c = i * dimensions; c < (i + 1) * dimensions; c++) sum += data[c] * data[c];
  return sum;
}

/** The mean of each coordinate. @throws RangeError if there are no points */
export function meanOf({ count, dimensions, data }: Points): Float64Array {
  if (count === 0) throw new RangeError('Expected points to take the mean of, found none.');
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < data.length; i++) mean[i % dimensions] += data[i];
  return mean.map((sum) => sum / count);
}

/** Where the points of a set lie in each coordinate, and how far apart. */
export interface Spread {
  mean: Float32Array | Float64Array;
  /** Standard deviations of the points as they are (divided by their number); 1 where all are equal. */
  deviation: Float32Array | Float64Array;
}

/** @throws RangeError if there are no points */
export function spreadOf(points: Points): Spread {
  const { count, dimensions, data } = points;
  const mean = meanOf(points);
  const variance = new Float64Array(dimensions);
  for (let i = 0; i < data.length; i++) {
    const c = i % dimensions;
    variance[c] += (data[i] - mean[c]) ** 2 / count;
  }
  return { mean, deviation: variance.map((value) => Math.sqrt(value) || 1) };
}

/** Each coordinate less its mean, in units of its standard deviation: those of another set as a rule. */
export function standardise({ count, dimensions, data }: Points, spread: Spread): Points {
  const { mean, deviation } = spread;
  const standardised = data.map((value, i) => {
    const c = i % dimensions;
    return (value - mean[c]) / deviation[c];
  });
  return { count, dimensions, data: standardised };
}

/** Points as they are stored in a weight file. */
export function toNamedArray({ count, dimensions, data }: Points): NamedArray {
  return { shape: [count, dimensions], data };
}

/** Points from a weight file. @throws Error where there are none of this name */
export function pointsNamed(arrays: NamedArrays, name: string): Points {
  const array = arrays.get(name);
  if (array?.shape.length !== 2) {
    const found = array ? `an array of shape [${array.shape.join(', ')}]` : 'none';
    throw new Error(`Expected points named "${name}" in the model, found ${found}.`);
  }
  const [count, dimensions] = array.shape;
  return { count, dimensions, data: array.data };
}
