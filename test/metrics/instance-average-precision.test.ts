import assert from 'node:assert/strict';
import fc from 'fast-check';
import { averagePrecision } from '../../src/lib/metrics/average-precision';
import { instanceAveragePrecision } from '../../src/lib/metrics/instance-average-precision';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { thresholdCounts } from '../../src/lib/metrics/threshold-counts';
import { arbitraryStack } from './arbitrary-items';
import { assertNear } from './assert-near';
import { stackCases } from './stack-fixture';

describe('instanceAveragePrecision', () => {
  for (const { name, scores, labels, size, expected } of stackCases) {
    it(`equals the area counted anew at every threshold on ${name}`, () => {
      const { instanceAveragePrecision: area } = expected;
      assertNear(instanceAveragePrecision(scores, labels, size), area, 1e-12);
      const counts = thresholdCounts(scores, labels);
      assertNear(instanceAveragePrecision(scores, labels, { ...size, counts }), area, 1e-12);
      assertNear(instanceAveragePrecision(Float64Array.from(scores), labels, size), area, 1e-12);
    });
  }

  it('finds an instance when more than half of its pixels are found', () => {
    const size = { width: 7, height: 1 };
    const labels = Uint8Array.of(1, 1, 1, 1, 0, 0, 0);
    // With the third of four pixels, when one good pixel is called defective too.
    const scores = Float32Array.of(9, 8, 6, 1, 7, 5, 0);
    assert.equal(instanceAveragePrecision(scores, labels, size), 3 / 4);
  });

  it('gives each instance the same weight, whatever its size', () => {
    const size = { width: 9, height: 1 };
    const labels = Uint8Array.of(1, 0, 1, 1, 1, 1, 1, 0, 0);
    const scores = Float32Array.of(9, 0, 5, 5, 5, 5, 5, 7, 7);
    // The one pixel is found with precision 1, the five with 6 of 8.
    assert.equal(instanceAveragePrecision(scores, labels, size), (1 + 6 / 8) / 2);
  });

  it('takes the best precision of a recall at least as high', () => {
    const size = { width: 7, height: 1 };
    const labels = Uint8Array.of(1, 0, 0, 1, 1, 1, 1);
    // First found with precision 1/3, then both with 5/7.
    const scores = Float32Array.of(8, 9, 9, 7, 7, 7, 7);
    assert.equal(instanceAveragePrecision(scores, labels, size), 5 / 7);
  });

  it('does not join instances of different images', () => {
    const scores = Float32Array.of(0, 9, 1, 2);
    const labels = Uint8Array.of(0, 1, 1, 0);
    assert.equal(
      instanceAveragePrecision(scores, labels, { width: 2, height: 1 }),
      (1 + 2 / 3) / 2,
    );
  });

  it('is 1 for the masks themselves', () => {
    fc.assert(
      fc.property(arbitraryStack(), ({ labels, size }) => {
        assert.equal(instanceAveragePrecision(Float32Array.from(labels), labels, size), 1);
      }),
    );
  });

  it('is at least the average precision if every instance has one pixel', () => {
    fc.assert(
      fc.property(arbitraryStack(), ({ scores, labels }) => {
        const area = instanceAveragePrecision(scores, labels, { width: 1, height: 1 });
        assert.ok(area >= averagePrecision(scores, labels) - 1e-12 && area <= 1);
      }),
    );
  });

  it('is the same after an increasing transform of the scores', () => {
    fc.assert(
      fc.property(arbitraryStack(), ({ scores, labels, size }) => {
        const transformed = scores.map((score) => 2 * score ** 3 - 50);
        assert.equal(
          instanceAveragePrecision(transformed, labels, size),
          instanceAveragePrecision(scores, labels, size),
        );
      }),
    );
  });

  it('is undefined without defect pixels', () => {
    assert.throws(
      () => instanceAveragePrecision(Float32Array.of(1, 2), new Uint8Array(2), onePixel),
      (error: Error) =>
        error instanceof UndefinedMetricError && /needs anomalous items/.test(error.message),
    );
  });

  it('refuses NaN, and pixels that are no whole number of images', () => {
    const labels = Uint8Array.of(1, 0, 1);
    assert.throws(
      () => instanceAveragePrecision(Float32Array.of(1, NaN, 2), labels, onePixel),
      /found NaN in 1 of 3, at 1\.$/,
    );
    assert.throws(
      () => instanceAveragePrecision(Float32Array.of(1, 2, 3), labels, { width: 2, height: 1 }),
      /^RangeError: Expected whole images of 2 x 1 = 2 pixels, found 3 pixels\.$/,
    );
  });

  const onePixel = { width: 1, height: 1 };
});
