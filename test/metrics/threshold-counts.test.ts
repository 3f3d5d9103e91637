import assert from 'node:assert/strict';
import { thresholdCounts } from '../../src/lib/metrics/threshold-counts';

describe('thresholdCounts', () => {
  it('counts what is at or above each distinct score', () => {
    const counts = thresholdCounts(Float32Array.of(2, 1, 2, 3, 1), Uint8Array.of(1, 0, 0, 1, 1));
    assert.deepEqual(counts, {
      thresholds: Float32Array.of(3, 2, 1),
      truePositives: Uint32Array.of(1, 2, 3),
      falsePositives: Uint32Array.of(0, 1, 2),
      positives: 3,
      negatives: 2,
    });
  });

  it('refuses another number of labels than of scores', () => {
    assert.throws(
      () => thresholdCounts(Float32Array.of(1, 2), Uint8Array.of(1)),
      /^RangeError: Expected a label for each of 2 scores, found 1\.$/,
    );
  });

  it('refuses a label that is neither 0 nor 1', () => {
    assert.throws(
      () => thresholdCounts(Float32Array.of(1, 2), Uint8Array.of(1, 255)),
      /^RangeError: Expected labels 0 and 1, found 255 at 1\.$/,
    );
  });
});
