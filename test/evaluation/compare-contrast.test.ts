import assert from 'node:assert/strict';
import { compareContrasts } from '../../src/lib/evaluation/contrast';

const of = (contrast: number | null) => ({ auroc: 0.9, background: 0.25, contrast });

describe('compareContrasts', () => {
  it('compares each measure over the images that have it in both models', () => {
    const ours = [of(2), of(null), null, of(1), of(3)];
    const theirs = [of(1), of(1), of(1), of(null), of(1)];
    const [auroc, background, contrast] = compareContrasts(ours, theirs);
    assert.deepEqual([auroc.images, auroc.leftOut], [4, 0]);
    assert.deepEqual(background.compared?.means, [0.25, 0.25]);
    assert.deepEqual([contrast.images, contrast.leftOut], [2, 2]);
    assert.deepEqual(contrast.compared?.means, [2.5, 1]);
    assert.equal(contrast.compared.difference.mean, 1.5);
    assert.equal(contrast.compared.difference.above, 2);
  });

  it('says of a measure that no image has in both models that there is nothing to compare', () => {
    const [auroc, , contrast] = compareContrasts([of(null), of(1)], [of(1), of(null)]);
    assert.equal(auroc.compared?.means[0], 0.9);
    assert.deepEqual([contrast.images, contrast.leftOut, contrast.compared], [0, 2, null]);
  });

  it('refuses models without a common image', () => {
    assert.throws(() => compareContrasts([null, of(1)], [of(1), null]), RangeError);
  });
});
