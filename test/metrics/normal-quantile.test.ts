import assert from 'node:assert/strict';
import { normalQuantile } from '../../src/lib/metrics/normal-quantile';
import { assertNear } from './assert-near';
import { readFixture } from './fixture';

interface Case {
  scores: number[];
  q: number;
  expected: number;
}

describe('normalQuantile', () => {
  for (const { scores, q, expected } of readFixture<Case[]>('quantiles.json')) {
    it(`equals NumPy's at ${q} of ${scores.length} scores`, () => {
      assertNear(normalQuantile(Float64Array.from(scores), q), expected, 1e-15);
    });
  }

  it('leaves the scores in their order', () => {
    const scores = Float32Array.of(3, 1, 2);
    assert.equal(normalQuantile(scores, 0.5), 2);
    assert.deepEqual([...scores], [3, 1, 2]);
  });

  it('takes the larger neighbour beside an infinity', () => {
    assert.equal(normalQuantile(Float64Array.of(-Infinity, 4), 0.5), 4);
    assert.equal(normalQuantile(Float64Array.of(4, Infinity), 0.5), Infinity);
    assert.equal(normalQuantile(Float64Array.of(Infinity, Infinity), 0.5), Infinity);
  });

  it('refuses no scores, NaN, and a quantile out of range', () => {
    assert.throws(() => normalQuantile(new Float32Array(0), 0.5), /^RangeError: .*found none\.$/);
    assert.throws(() => normalQuantile(Float32Array.of(1, NaN), 0.5), /^RangeError: .*NaN at 1\.$/);
    for (const q of [-0.1, 1.1, NaN]) {
      assert.throws(
        () => normalQuantile(Float32Array.of(1), q),
        /^RangeError: Expected a quantile/,
      );
    }
  });
});
