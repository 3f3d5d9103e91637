import assert from 'node:assert/strict';
import fc from 'fast-check';
import { averagePrecision } from '../../src/lib/metrics/average-precision';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { arbitraryItems } from './arbitrary-items';
import { assertNear } from './assert-near';
import { allCases } from './ranking-fixture';

describe('averagePrecision', () => {
  for (const { name, items, expected } of allCases) {
    it(`equals scikit-learn's within 1e-12 on ${name}`, () => {
      const { scores, labels } = items();
      assertNear(averagePrecision(scores, labels), expected.averagePrecision, 1e-12);
    });
  }

  it('is the share of anomalous items when all scores are equal', () => {
    assert.equal(
      averagePrecision(new Float32Array(8).fill(3), Uint8Array.of(1, 0, 0, 0, 0, 1, 0, 0)),
      0.25,
    );
  });

  it('is 1 exactly if all anomalous items score above all normal ones', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels }) => {
        const of = (label: number) => scores.filter((_, i) => labels[i] === label);
        const isSeparated = Math.min(...of(1)) > Math.max(...of(0));
        assert.equal(averagePrecision(scores, labels) === 1, isSeparated);
        const separated = Float64Array.from(labels, (label, i) => label * 100 + i);
        assert.equal(averagePrecision(separated, labels), 1);
      }),
    );
  });

  it('is undefined without anomalous items', () => {
    assert.throws(
      () => averagePrecision(Float64Array.of(1, 2), Uint8Array.of(0, 0)),
      (error: Error) =>
        error instanceof UndefinedMetricError &&
        error.message ===
          'Average precision needs anomalous items, found 2 normal and 0 anomalous.',
    );
  });
});
