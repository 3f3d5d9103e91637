import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadImages } from '../../src/lib/data/image';
import { loadMasks } from '../../src/lib/data/mask';
import { listMvtecCategories, readMvtecCategory } from '../../src/lib/data/mvtec';

const root = process.env.MVTEC_AD_ROOT;

describe('the real MVTec AD (needs MVTEC_AD_ROOT)', () => {
  before(function () {
    if (!root) this.skip();
  });

  it('has 209 train images, 20 good and 63 defective test images of bottle, all with masks', function () {
    if (!existsSync(join(root!, 'bottle'))) this.skip();
    const { train, test, warnings } = readMvtecCategory(root!, 'bottle', { strict: true });
    assert.equal(train.length, 209);
    const counts = new Map<string, number>();
    for (const { defect } of test) counts.set(defect, (counts.get(defect) ?? 0) + 1);
    assert.deepEqual(
      [...counts],
      [
        ['broken_large', 20],
        ['broken_small', 22],
        ['contamination', 21],
        ['good', 20],
      ],
    );
    assert.deepEqual(warnings, []);
  });

  it('decodes every test image and mask of every category', async function () {
    for (const category of listMvtecCategories(root!)) {
      const { test, train } = readMvtecCategory(root!, category);
      const images = await loadImages([train[0], ...test], { size: { height: 48, width: 64 } });
      const masks = await loadMasks(test, { size: { height: 200, width: 256 } });
      assert.equal(images.count, test.length + 1);
      test.forEach(({ file, label, maskFile }, i) => {
        const defective = masks.data.subarray(i * 51200, (i + 1) * 51200).includes(1);
        assert.equal(defective, maskFile !== null, file);
        assert.equal(masks.known[i] === 0, label === 1 && maskFile === null);
      });
    }
  });
});
