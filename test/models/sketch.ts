import assert from 'node:assert/strict';
import { mixedIntegers } from '../metrics/mixed-integers';
import { STREAM_LENGTH } from './fill';

const SUMS = 8;
const SIGNS_STREAM = 4095;
let signs: Uint32Array = new Uint32Array();

/** The norm of an array, then eight sums of its elements with signs of their own. */
export function sketch(data: ArrayLike<number>): number[] {
  if (signs.length < data.length) signs = mixedIntegers(data.length, SIGNS_STREAM * STREAM_LENGTH);
  let squares = 0;
  const sums = new Array<number>(SUMS).fill(0);
  for (let i = 0; i < data.length; i++) {
    squares += data[i] ** 2;
    for (let k = 0; k < SUMS; k++) sums[k] += (signs[i] >>> k) & 1 ? -data[i] : data[i];
  }
  return [Math.sqrt(squares), ...sums];
}

/**
 * Estimate of ||a - b|| / ||b|| from two sketches: a difference of norm d changes each signed sum by about d
 * (the signs being random, its square is d^2 on average), wherever in the array it is.
 */
export function sketchError(actual: readonly number[], expected: readonly number[]): number {
  const sums = actual.slice(1).map((sum, k) => (sum - expected[k + 1]) ** 2);
  const distance = Math.sqrt(sums.reduce((total, square) => total + square, 0) / SUMS);
  return Math.max(distance, Math.abs(actual[0] - expected[0])) / expected[0];
}

/** Asserts that an array is the one that a golden sketch was taken of. */
export function assertSketch(
  data: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  const error = sketchError(sketch(data), expected);
  assert.ok(error <= tolerance, `${what}: relative error ${error}, at most ${tolerance} allowed`);
}

/**
 * How far a change of stored numbers can be off by rounding alone, as a share of the change: each step stores every
 * number to half a unit in the last of 24 bits.
 *
 * @param start the numbers before the change
 * @param change golden sketch of the change
 */
export function storageError(
  start: ArrayLike<number>,
  change: readonly number[],
  steps: number,
): number {
  return (steps * 2 ** -24 * sketch(start)[0]) / change[0];
}
