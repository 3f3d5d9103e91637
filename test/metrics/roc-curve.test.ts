import assert from 'node:assert/strict';
import fc from 'fast-check';
import { areaUpTo } from '../../src/lib/metrics/curve';
import { auroc } from '../../src/lib/metrics/auroc';
import { rocCurve } from '../../src/lib/metrics/roc-curve';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { arbitraryItems } from './arbitrary-items';
import { assertNear } from './assert-near';
import { generatedCases, literalCases } from './ranking-fixture';

describe('rocCurve', () => {
  for (const { name, scores, labels, expected } of literalCases) {
    if (!expected.roc) continue;
    const { falsePositiveRate, truePositiveRate, thresholds } = expected.roc;
    it(`has scikit-learn's points on ${name}`, () => {
      const curve = rocCurve(scores, labels, { keepCollinear: true });
      assert.deepEqual([...curve.falsePositiveRate], falsePositiveRate);
      assert.deepEqual([...curve.truePositiveRate], truePositiveRate);
      assert.equal(curve.thresholds[0], Infinity);
      // Of equal zeros either may be the group's threshold.
      assert.deepEqual(
        Array.from(curve.thresholds.subarray(1), (t) => t + 0),
        thresholds.map((t) => t + 0),
      );
    });
  }

  it('leaves out points on a straight line and nothing else', () => {
    const curve = rocCurve(Float32Array.of(9, 8, 7, 6, 5, 4), Uint8Array.of(1, 1, 0, 0, 1, 0));
    assert.deepEqual(curve, {
      falsePositiveRate: Float64Array.of(0, 0, 2 / 3, 2 / 3, 1),
      truePositiveRate: Float64Array.of(0, 2 / 3, 2 / 3, 1, 1),
      thresholds: Float64Array.of(Infinity, 8, 6, 5, 4),
    });
  });

  it('encloses the AUROC, from (0, 0) to (1, 1), without ever falling', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels }) => {
        const { falsePositiveRate: x, truePositiveRate: y } = rocCurve(scores, labels);
        assert.deepEqual([x[0], y[0], x.at(-1), y.at(-1)], [0, 0, 1, 1]);
        for (let i = 1; i < x.length; i++) assert.ok(x[i] >= x[i - 1] && y[i] >= y[i - 1]);
        assertNear(areaUpTo(x, y, 1), auroc(scores, labels), 1e-12);
      }),
    );
  });

  it('is thinned to a number of points without moving far', () => {
    const { scores, labels } = generatedCases[1].items();
    const curve = rocCurve(scores, labels, { maxPoints: 201, keepCollinear: true });
    const { falsePositiveRate: x, truePositiveRate: y } = curve;
    assert.ok(x.length > 100 && x.length <= 201, `${x.length} points`);
    assert.deepEqual([x[0], y[0], x.at(-1), y.at(-1)], [0, 0, 1, 1]);
    for (let i = 1; i < x.length; i++) {
      // Two pieces of 1/100 of the way at most, the curve's own steps being much smaller.
      assert.ok(x[i] - x[i - 1] + y[i] - y[i - 1] < 0.0205);
    }
    assertNear(areaUpTo(x, y, 1), auroc(scores, labels), 1e-4);
  });

  it('is undefined without normal or without anomalous items', () => {
    assert.throws(() => rocCurve(Float64Array.of(1), Uint8Array.of(0)), UndefinedMetricError);
    assert.throws(() => rocCurve(Float64Array.of(1), Uint8Array.of(1)), UndefinedMetricError);
  });
});
