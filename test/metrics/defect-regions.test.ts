import assert from 'node:assert/strict';
import { defectRegions } from '../../src/lib/metrics/regions';
import { stackCases } from './stack-fixture';

describe('defectRegions', () => {
  it('numbers the regions through all images and counts their pixels', () => {
    // Three images of 3 x 2; the second has no defect.
    const masks = Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0);
    const { labels, sizes } = defectRegions(masks, { width: 3, height: 2 });
    assert.deepEqual([...labels], [1, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 3, 0]);
    assert.deepEqual([...sizes], [13, 2, 1, 2]);
  });

  for (const { name, labels, size, expected } of stackCases) {
    it(`finds as many regions as scipy in the masks of ${name}`, () => {
      const { sizes } = defectRegions(labels, size);
      assert.equal(sizes.length - 1, expected.regions);
      assert.equal(
        sizes.reduce((sum, count) => sum + count, 0),
        labels.length,
      );
    });
  }
});
