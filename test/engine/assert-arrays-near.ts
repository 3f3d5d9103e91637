import assert from 'node:assert/strict';

/** Asserts equal lengths, and differences of at most `tolerance` times the largest expected magnitude. */
export function assertArraysNear(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'array',
): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN fails.
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance * largest,
      `${what}[${i}]: expected ${expected[i]} within ${tolerance * largest}, found ${actual[i]}`,
    );
  }
}
