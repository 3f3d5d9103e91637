import assert from 'node:assert/strict';
import fc from 'fast-check';
import { f1Max } from '../../src/lib/metrics/f1-max';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { arbitraryItems } from './arbitrary-items';
import { assertNear } from './assert-near';
import { allCases, literalCases } from './ranking-fixture';

describe('f1Max', () => {
  for (const { name, items, expected } of allCases) {
    it(`equals the best of scikit-learn's curve within 1e-12 on ${name}`, () => {
      const { scores, labels } = items();
      assertNear(f1Max(scores, labels).f1, expected.f1Max, 1e-12);
    });
  }

  for (const { name, scores, labels, expected } of literalCases) {
    it(`gives the highest of the best thresholds on ${name}`, () => {
      assert.ok(f1Max(scores, labels).threshold === expected.f1MaxThreshold);
    });
  }

  it('is reached by calling anomalous what scores at least the threshold', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels }) => {
        const { f1, threshold } = f1Max(scores, labels);
        const f1At = (cut: number) => {
          const called = [...labels].filter((_, i) => scores[i] >= cut);
          const found = called.filter((label) => label === 1).length;
          return (2 * found) / (called.length + labels.filter((label) => label === 1).length);
        };
        assert.equal(f1At(threshold), f1);
        for (const score of scores) assert.ok(f1At(score) <= f1);
      }),
    );
  });

  it('prefers the higher of two thresholds that do equally well', () => {
    // At 4: one of one found, of two in all; at 1: two found among four.
    assert.deepEqual(f1Max(Float32Array.of(4, 3, 2, 1), Uint8Array.of(1, 0, 0, 1)), {
      f1: 2 / 3,
      threshold: 4,
    });
  });

  it('takes an infinite threshold where only infinite scores are anomalous', () => {
    assert.deepEqual(f1Max(Float32Array.of(Infinity, 5, 1), Uint8Array.of(1, 0, 0)), {
      f1: 1,
      threshold: Infinity,
    });
  });

  it('is undefined without anomalous items', () => {
    assert.throws(() => f1Max(Float64Array.of(1), Uint8Array.of(0)), UndefinedMetricError);
  });
});
