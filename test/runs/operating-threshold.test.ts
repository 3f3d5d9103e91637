import assert from 'node:assert/strict';
import type { AnomalyDetector } from '../../src/lib/anomaly-map/detect';
import { operatingThreshold } from '../../src/lib/runs/operating-threshold';

/** A detector that gives the images of a stack these scores. */
function scoring(scores: readonly number[]): AnomalyDetector {
  return {
    imageSize: 1,
    resizeFilter: 'bilinear',
    productResolution: 'image',
    threshold: null,
    detect: () =>
      Promise.resolve(
        scores.map((score) => ({ score, map: Float32Array.of(score), levelMaps: [] })),
      ),
    dispose: () => {},
  };
}

const stackOf = (count: number) => ({
  count,
  width: 1,
  height: 1,
  data: new Uint8Array(3 * count),
});

describe('operatingThreshold', () => {
  it('lets 1 % of the good images pass for defective unless another rate is asked for', async () => {
    const scores = Array.from({ length: 199 }, (_, i) => (37 * i) % 199);
    const threshold = await operatingThreshold(scoring(scores), stackOf(199), 'held-out');
    const { scores: stored, ...rest } = threshold;
    assert.deepEqual(rest, {
      value: 197.5,
      pixel: 197.5,
      quantile: 0.99,
      images: 199,
      falseAlarms: 1,
      source: 'held-out',
    });
    assert.deepEqual(
      stored,
      scores.sort((a, b) => a - b),
    );
    const other = await operatingThreshold(scoring(scores), stackOf(199), 'train', { rate: 0.05 });
    assert.equal(other.value, 189.5);
    assert.equal(other.source, 'train');
  });

  it('refuses a score that is not a number', async () => {
    const threshold = operatingThreshold(scoring([1, NaN, 2]), stackOf(3), 'train');
    await assert.rejects(threshold, /^RangeError: Image 1 of 3: expected .*, found NaN/);
  });
});
