import assert from 'node:assert/strict';
import { severityOf } from '../../../src/lib/data/synthetic/render-synthetic';

describe('severityOf', () => {
  it('goes through halves, quarters, eighths', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(severityOf), [
      1 / 2,
      1 / 4,
      3 / 4,
      1 / 8,
      5 / 8,
      3 / 8,
      7 / 8,
    ]);
  });

  it('spreads any number evenly', () => {
    for (const count of [5, 12, 40]) {
      const mean = Array.from({ length: count }, (_, i) => severityOf(i) / count);
      const sum = mean.reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 0.5) < 0.1, `mean ${sum} of ${count}`);
    }
  });
});
