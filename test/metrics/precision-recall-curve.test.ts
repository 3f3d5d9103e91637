import assert from 'node:assert/strict';
import { precisionRecallCurve } from '../../src/lib/metrics/precision-recall-curve';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { generatedCases, literalCases } from './ranking-fixture';

describe('precisionRecallCurve', () => {
  for (const { name, scores, labels, expected } of literalCases) {
    if (!expected.precisionRecall) continue;
    const { precision, recall } = expected.precisionRecall;
    it(`has scikit-learn's points on ${name}`, () => {
      const curve = precisionRecallCurve(scores, labels, { keepCollinear: true });
      assert.deepEqual([...curve.precision], precision);
      assert.deepEqual([...curve.recall], recall);
    });
  }

  it('leaves out points on a straight line and nothing else', () => {
    const curve = precisionRecallCurve(
      Float32Array.of(9, 8, 7, 6, 5),
      Uint8Array.of(1, 1, 0, 0, 1),
    );
    assert.deepEqual(curve, {
      recall: Float64Array.of(0, 2 / 3, 2 / 3, 1),
      precision: Float64Array.of(1, 1, 0.5, 0.6),
      thresholds: Float64Array.of(Infinity, 8, 6, 5),
    });
  });

  it('is thinned to a number of points, its ends among them', () => {
    const { scores, labels } = generatedCases[1].items();
    const { recall, precision } = precisionRecallCurve(scores, labels, { maxPoints: 100 });
    assert.ok(recall.length > 50 && recall.length <= 100, `${recall.length} points`);
    assert.deepEqual([recall[0], precision[0], recall.at(-1)], [0, 1, 1]);
  });

  it('is undefined without anomalous items', () => {
    assert.throws(
      () => precisionRecallCurve(Float64Array.of(1), Uint8Array.of(0)),
      UndefinedMetricError,
    );
  });
});
