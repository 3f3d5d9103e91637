import assert from 'node:assert/strict';
import { aurocInterval } from '../../src/lib/evaluation/auroc-interval';

describe('aurocInterval', () => {
  // The same equation solved by scipy's brentq.
  const golden: [number, number, number, number, number][] = [
    [1, 3, 3, 0.5010187567565527, 1],
    [0.9, 20, 63, 0.784203063677407, 0.9545820828269576],
    [0.5, 10, 10, 0.27351558681650207, 0.726484413183498],
    [0.49, 20, 30, 0.3359601701921499, 0.6463035293151139],
  ];
  for (const [auroc, good, defect, low, high] of golden) {
    it(`of ${auroc} from ${good} good and ${defect} defective images`, () => {
      const [lower, upper] = aurocInterval(auroc, good, defect);
      assert.ok(Math.abs(lower - low) < 1e-8 && Math.abs(upper - high) < 1e-8, `${lower} ${upper}`);
    });
  }

  it('mirrors that of the opposite ranking', () => {
    const [lower, upper] = aurocInterval(0.8, 12, 12);
    const [mirroredUpper, mirroredLower] = aurocInterval(0.2, 12, 12).map((value) => 1 - value);
    assert.ok(Math.abs(lower - mirroredLower) < 1e-9 && Math.abs(upper - mirroredUpper) < 1e-9);
  });

  it('refuses what is no AUROC, and images of one kind', () => {
    assert.throws(() => aurocInterval(NaN, 3, 3), /^RangeError: Expected an AUROC, found NaN/);
    assert.throws(() => aurocInterval(0.5, 3, 0), /found 3 and 0/);
  });
});
