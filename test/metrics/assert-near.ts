import assert from 'node:assert/strict';

/** Asserts that a number is within a distance of the expected one. */
export function assertNear(
  actual: number | null,
  expected: number,
  distance: number,
  what = 'value',
): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= distance,
    `${what}: expected ${expected} within ${distance}, found ${actual}`,
  );
}
