import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aupro, auproAtLimits } from '../../src/lib/metrics/aupro';
import { areaUpTo } from '../../src/lib/metrics/curve';
import { auroc } from '../../src/lib/metrics/auroc';
import { proCurve } from '../../src/lib/metrics/pro-curve';
import { rankDescending } from '../../src/lib/metrics/ranking';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { arbitraryStack } from './arbitrary-items';
import { assertNear } from './assert-near';
import { stackCases } from './stack-fixture';

describe('aupro', () => {
  for (const { name, scores, labels, size, expected } of stackCases) {
    for (const [limit, area] of Object.entries(expected.aupro)) {
      it(`equals the area counted anew at every threshold up to ${limit} on ${name}`, () => {
        assertNear(aupro(scores, labels, { ...size, limit: Number(limit) }), area, 1e-12);
      });
    }
  }

  it('gives several limits from one curve', () => {
    const { scores, labels, size } = stackCases[0];
    assert.deepEqual(auproAtLimits(scores, labels, size, [0.3, 0.05]), [
      aupro(scores, labels, size),
      aupro(scores, labels, { ...size, limit: 0.05 }),
    ]);
  });

  it('cuts the curve off at 0.3 unless told otherwise', () => {
    const { scores, labels, size, expected } = stackCases[0];
    assertNear(aupro(scores, labels, size), expected.aupro['0.3'], 1e-12);
  });

  it('gives each region the same weight, whatever its size', () => {
    // One region of one pixel is found before, one of three after all good pixels.
    const scores = Float32Array.of(9, 5, 5, 5, 5, 1, 1, 1);
    const labels = Uint8Array.of(1, 0, 0, 0, 0, 1, 1, 1);
    assert.equal(aupro(scores, labels, { width: 8, height: 1 }), 0.5);
  });

  it('does not join regions of different images', () => {
    const scores = Float32Array.of(0, 9, 1, 0);
    const labels = Uint8Array.of(0, 1, 1, 0);
    assert.equal(aupro(scores, labels, { width: 2, height: 1 }), 1);
    const curve = proCurve(scores, labels, { width: 2, height: 1, keepCollinear: true });
    assert.deepEqual([...curve.perRegionOverlap], [0, 0.5, 1, 1]);
  });

  it('interpolates at the limit', () => {
    // One step from (0, 0) to (1, 1).
    const labels = Uint8Array.of(0, 1);
    assertNear(aupro(Float32Array.of(1, 1), labels, { width: 2, height: 1 }), 0.15, 1e-15);
  });

  it('is 1 for the masks themselves and 0 for the masks inverted', () => {
    fc.assert(
      fc.property(arbitraryStack(), ({ labels, size }) => {
        assertNear(aupro(Float32Array.from(labels), labels, size), 1, 1e-12);
        assertNear(
          aupro(
            Float32Array.from(labels, (label) => -label),
            labels,
            size,
          ),
          0,
          1e-12,
        );
      }),
    );
  });

  it('is the AUROC at limit 1 if every region has one pixel', () => {
    fc.assert(
      fc.property(arbitraryStack(), ({ scores, labels }) => {
        const onePixelImages = { width: 1, height: 1, limit: 1 };
        assertNear(aupro(scores, labels, onePixelImages), auroc(scores, labels), 1e-12);
      }),
    );
  });

  it('is the same after an increasing transform of the scores', () => {
    fc.assert(
      fc.property(arbitraryStack(), ({ scores, labels, size }) => {
        const transformed = scores.map((score) => 2 * score ** 3 - 50);
        assert.equal(aupro(transformed, labels, size), aupro(scores, labels, size));
      }),
    );
  });

  it('is the area under the PRO curve with every distinct score as a threshold', () => {
    fc.assert(
      fc.property(
        arbitraryStack(),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        ({ scores, labels, size }, limit) => {
          const ranking = rankDescending(scores);
          const curve = proCurve(scores, labels, { ...size, ranking, keepCollinear: true });
          const expected = areaUpTo(curve.falsePositiveRate, curve.perRegionOverlap, limit) / limit;
          assertNear(aupro(scores, labels, { ...size, limit }), expected, 1e-12);
          const doubles = Float64Array.from(scores);
          assertNear(aupro(doubles, labels, { ...size, limit }), expected, 1e-12);
        },
      ),
    );
  });

  it('ranks negative scores and infinities like any others', () => {
    const size = { width: 6, height: 1, limit: 1 };
    const labels = Uint8Array.of(1, 0, 1, 0, 0, 0);
    // One region is above all but one defect-free pixel, the other above two of the four.
    const scores = Float32Array.of(3, Infinity, -1, 0.5, -2, -Infinity);
    assert.equal(aupro(scores, labels, size), (3 / 4 + 2 / 4) / 2);
  });

  it('refuses NaN, in a defect as in the background, saying how many and where', () => {
    const size = { width: 4, height: 1 };
    for (const [labels, message] of [
      [Uint8Array.of(1, 0, 0, 0), /found NaN in 1 of 4, at 2\.$/],
      [Uint8Array.of(0, 0, 1, 0), /found NaN in 1 of 4, at 2\.$/],
    ] as const) {
      assert.throws(() => aupro(Float32Array.of(1, 2, NaN, 3), labels, size), message);
    }
  });

  it('is undefined without defect or without defect-free pixels', () => {
    const size = { width: 2, height: 1 };
    for (const labels of [Uint8Array.of(0, 0), Uint8Array.of(1, 1)]) {
      assert.throws(
        () => aupro(Float32Array.of(1, 2), labels, size),
        (error: Error) =>
          error instanceof UndefinedMetricError &&
          /needs defect and defect-free/.test(error.message),
      );
    }
  });

  it('refuses a limit outside (0, 1]', () => {
    const { scores, labels, size } = stackCases[0];
    for (const limit of [0, 1.1, NaN]) {
      assert.throws(
        () => aupro(scores, labels, { ...size, limit }),
        /^RangeError: Expected a false/,
      );
    }
  });

  it('refuses pixels that are no whole number of images', () => {
    assert.throws(
      () => aupro(new Float32Array(7), new Uint8Array(7), { width: 2, height: 2 }),
      /^RangeError: Expected whole images of 2 x 2 = 4 pixels, found 7 pixels\.$/,
    );
    assert.throws(
      () => aupro(new Float32Array(4), new Uint8Array(4), { width: 0, height: 2 }),
      /^RangeError: Expected a positive integer as width, found 0\.$/,
    );
  });
});

describe('proCurve', () => {
  for (const { name, scores, labels, size, expected } of stackCases) {
    it(`has a point for each distinct score on ${name}, and the origin`, () => {
      const curve = proCurve(scores, labels, { ...size, keepCollinear: true });
      assert.equal(curve.thresholds.length, expected.curvePoints);
      assert.deepEqual([curve.falsePositiveRate[0], curve.perRegionOverlap[0]], [0, 0]);
      assert.deepEqual([curve.falsePositiveRate.at(-1), curve.perRegionOverlap.at(-1)], [1, 1]);
    });
  }

  it('leaves out points on a straight line and nothing else', () => {
    const scores = Float32Array.of(9, 8, 7, 6, 5, 4);
    const labels = Uint8Array.of(1, 1, 0, 0, 0, 1);
    assert.deepEqual(proCurve(scores, labels, { width: 6, height: 1 }), {
      falsePositiveRate: Float64Array.of(0, 0, 1, 1),
      perRegionOverlap: Float64Array.of(0, 0.5, 0.5, 1),
      thresholds: Float64Array.of(Infinity, 8, 5, 4),
    });
  });
});
