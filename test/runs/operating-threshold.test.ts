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
  it('is the score that 99 % of the normal images do not exceed', async () => {
    const scores = Array.from({ length: 101 }, (_, i) => (37 * i) % 101);
    const { value, ...rest } = await operatingThreshold(scoring(scores), stackOf(101), 'held-out');
    assert.equal(value, 99);
    assert.deepEqual(rest, { quantile: 0.99, images: 101, source: 'held-out' });
  });

  it('refuses a score that is not a number', async () => {
    const threshold = operatingThreshold(scoring([1, NaN, 2]), stackOf(3), 'train');
    await assert.rejects(threshold, /^RangeError: Image 1 of 3: expected .*, found NaN/);
  });
});
