import assert from 'node:assert/strict';
import { quantile } from '../../src/lib/metrics/quantile';
import { assertNear } from './assert-near';
import { readFixture } from './fixture';

interface Case {
  scores: number[];
  q: number;
  expected: number;
}

describe('quantile', () => {
  for (const { scores, q, expected } of readFixture<Case[]>('quantiles.json')) {
    it(`equals NumPy's at ${q} of ${scores.length} scores`, () => {
      assertNear(quantile(Float64Array.from(scores).sort(), q), expected, 1e-15);
    });
  }

  it('takes the larger neighbour beside an infinity', () => {
    assert.equal(quantile(Float64Array.of(-Infinity, 4), 0.5), 4);
    assert.equal(quantile(Float64Array.of(4, Infinity), 0.5), Infinity);
    assert.equal(quantile(Float64Array.of(Infinity, Infinity), 0.5), Infinity);
  });

  it('refuses no values, NaN, and a quantile out of range', () => {
    assert.throws(() => quantile(new Float32Array(0), 0.5), /^RangeError: .*found none\.$/);
    assert.throws(() => quantile(Float32Array.of(1, NaN), 0.5), /^RangeError: .*found NaN\.$/);
    for (const q of [-0.1, 1.1, NaN]) {
      assert.throws(() => quantile(Float32Array.of(1), q), /^RangeError: Expected a quantile/);
    }
  });
});
