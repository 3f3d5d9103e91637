import assert from 'node:assert/strict';
import { mapContrast } from '../../src/lib/evaluation/contrast';

const mask = { width: 3, height: 2, data: Uint8Array.of(0, 0, 0, 0, 1, 1) };

describe('mapContrast', () => {
  it('compares the medians of defect and background, as a power of ten', () => {
    const map = Float32Array.of(1, 2, 4, 3, 200, 300);
    // Medians: 250 of the defect, 2.5 of the background.
    assert.equal(mapContrast(map, mask, 1)!.contrast, 2);
  });

  it('shows the background as a figure does: in units of the limit, and never above 1', () => {
    const map = Float32Array.of(0, 2, 8, 400, 500, 600);
    assert.equal(mapContrast(map, mask, 8)!.background, (0 + 0.25 + 1 + 1) / 4);
  });

  it('ranks the pixels of this image only', () => {
    assert.equal(mapContrast(Float32Array.of(1, 2, 3, 4, 5, 6), mask, 1)!.auroc, 1);
    // The defect pixel 3 is above two background pixels, equal to one and below one.
    assert.equal(mapContrast(Float32Array.of(1, 2, 3, 4, 5, 3), mask, 1)!.auroc, (4 + 2.5) / 8);
  });

  it('does not depend on the scale of the map, when the limit goes with it', () => {
    const map = Float32Array.of(1, 2, 4, 3, 20, 30);
    const scaled = map.map((value) => value / 1024);
    assert.deepEqual(mapContrast(scaled, mask, 5 / 1024), mapContrast(map, mask, 5));
  });

  it('has no contrast where a median is 0, whichever of the two', () => {
    const background = Float32Array.of(0, 0, 0, 3, 20, 30);
    const defect = Float32Array.of(1, 2, 4, 3, 0, 0);
    for (const map of [background, defect, new Float32Array(6)]) {
      const found = mapContrast(map, mask, 1)!;
      assert.equal(found.contrast, null);
      assert.ok(Number.isFinite(found.auroc) && Number.isFinite(found.background));
    }
  });

  it('shows all that is above 0 in the last colour where good images show nothing', () => {
    const found = mapContrast(Float32Array.of(0, 0, 2, 3, 20, 30), mask, 0)!;
    assert.deepEqual([found.background, found.contrast], [0.5, Math.log10(25)]);
  });

  it('is null where all is defect or nothing is', () => {
    const map = new Float32Array(6).fill(1);
    for (const value of [0, 1]) {
      const data = new Uint8Array(6).fill(value);
      assert.equal(mapContrast(map, { ...mask, data }, 1), null);
    }
  });

  it('refuses a map of another size and a negative limit', () => {
    assert.throws(
      () => mapContrast(new Float32Array(5), mask, 1),
      /expected a map of the mask's 6 pixels, found 5/,
    );
    for (const limit of [-1, NaN]) {
      assert.throws(() => mapContrast(new Float32Array(6), mask, limit), RangeError);
    }
  });
});
