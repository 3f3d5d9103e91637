import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aupimo } from '../../src/lib/metrics/aupimo';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { assertNear } from './assert-near';
import { stackCases } from './stack-fixture';

describe('aupimo', () => {
  for (const { name, scores, labels, size, expected } of stackCases) {
    it(`equals the area counted anew at every threshold on ${name}`, () => {
      const options = { ...size, bounds: expected.aupimoBounds };
      const { mean, perImage } = aupimo(scores, labels, options);
      expected.aupimo.forEach((area, image) => {
        if (area === null) assert.ok(Number.isNaN(perImage[image]));
        else assertNear(perImage[image], area, 1e-12, `image ${image}`);
      });
      const areas = expected.aupimo.filter((area): area is number => area !== null);
      assertNear(mean, areas.reduce((sum, area) => sum + area, 0) / areas.length, 1e-12);
    });
  }

  /** Ten normal pixels that score 1 to 10, and an anomalous image with four defect pixels. */
  const size = { width: 10, height: 1 };
  const labels = Uint8Array.from({ length: 20 }, (_, i) => +(i >= 16));
  const withDefects = (...defects: number[]) =>
    Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99, 99, 99, 99, 99, 99, ...defects);

  it('averages the overlap along the logarithm of the false-positive rate', () => {
    // From rate 0.1 to 0.2 the threshold is just above 9, from 0.2 to 0.4 just above 8, then 7.
    const { mean } = aupimo(withDefects(11, 8.5, 7.5, 0), labels, { ...size, bounds: [0.1, 0.4] });
    assertNear(
      mean,
      (0.25 * Math.log(2) + 0.5 * Math.log(1.5) + 0.75 * Math.log(4 / 3)) / Math.log(4),
      1e-15,
    );
  });

  it('interpolates at bounds between two rates', () => {
    // Scores tied with normal ones make a slope: at 9 the overlap goes from 0 to 1.
    const { mean } = aupimo(withDefects(9, 9, 9, 9), labels, { ...size, bounds: [0.125, 0.16] });
    const at = (rate: number) => Math.log(rate / 0.1) / Math.log(2);
    assertNear(mean, (at(0.125) + at(0.16)) / 2, 1e-12);
  });

  it('takes the overlap above all normal scores where no rate above 0 is reached', () => {
    const scores = withDefects(11, 10, 10, 10).map((score, i) => (i < 10 ? 10 : score));
    assert.equal(aupimo(scores, labels, { ...size, bounds: [0.1, 0.5] }).mean, 0.25);
  });

  it('does not look at the good pixels of anomalous images', () => {
    const options = { ...size, bounds: [0.1, 0.4] as const };
    const scores = withDefects(11, 8.5, 7.5, 0);
    const others = scores.map((score) => (score === 99 ? -5 : score));
    assert.equal(aupimo(others, labels, options).mean, aupimo(scores, labels, options).mean);
  });

  it('lies between 0 and 1 and does not fall when defects score higher', () => {
    const defects = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(defects, fc.integer({ min: 0, max: 3 }), (values, which) => {
        const options = { ...size, bounds: [0.1, 0.5] as const };
        const before = aupimo(withDefects(...values), labels, options).mean;
        const raised = values.map((value, i) => (i === which ? value + 1.5 : value));
        const after = aupimo(withDefects(...raised), labels, options).mean;
        assert.ok(before >= 0 && after >= before - 1e-15 && after <= 1 + 1e-15);
      }),
    );
  });

  it('counts an anomalous image without defect pixels neither as normal nor as anomalous', () => {
    const bounds = [0.1, 0.4] as const;
    const scores = Float32Array.from([
      ...withDefects(11, 8.5, 7.5, 0),
      ...new Array<number>(10).fill(50),
    ]);
    const stacked = Uint8Array.from([...labels, ...new Array<number>(10).fill(0)]);
    const { mean, perImage } = aupimo(scores, stacked, { ...size, bounds, imageLabels: [0, 1, 1] });
    assert.equal(mean, aupimo(scores.subarray(0, 20), labels, { ...size, bounds }).mean);
    assert.deepEqual([...perImage], [NaN, mean, NaN]);
  });

  it('is undefined with too few normal pixels for the lower bound', () => {
    assert.throws(
      () => aupimo(withDefects(1, 2, 3, 4), labels, size),
      (error: Error) =>
        error instanceof UndefinedMetricError &&
        /needs at least 100000 pixels of normal images, found 10\.$/.test(error.message),
    );
    const bounds = [0.01, 0.5] as const;
    assert.throws(
      () => aupimo(Float32Array.of(1, 2), Uint8Array.of(1, 0), { width: 2, height: 1, bounds }),
      /needs at least 100 pixels of normal images, found 0\.$/,
    );
  });

  it('is undefined without defect pixels', () => {
    const options = { width: 10, height: 1, bounds: [0.1, 0.5] as const };
    assert.throws(
      () => aupimo(new Float32Array(10), new Uint8Array(10), options),
      (error: Error) =>
        error instanceof UndefinedMetricError && /defect pixels, found none/.test(error.message),
    );
  });

  it('refuses bounds out of order or range, and image labels that do not fit', () => {
    const scores = withDefects(1, 2, 3, 4);
    for (const bounds of [
      [0, 0.1],
      [0.2, 0.1],
      [0.5, 1.5],
      [NaN, 1],
    ] as const) {
      assert.throws(
        () => aupimo(scores, labels, { ...size, bounds }),
        /^RangeError: Expected bounds/,
      );
    }
    const bounds = [0.1, 0.4] as const;
    const fail = (imageLabels: number[], message: RegExp) =>
      assert.throws(() => aupimo(scores, labels, { ...size, bounds, imageLabels }), message);
    fail([0], /Expected a label for each of 2 images, found 1/);
    fail([0, 2], /Expected image labels 0 and 1, found 2 at 1/);
    fail([0, 0], /Expected no defect pixels in normal image 1, found 4/);
  });
});
