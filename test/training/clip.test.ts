import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import { clipping } from '../../src/lib/training/optimisers';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { fill } from '../models/fill';

/** As in make.py. */
const SHAPES = [[3, 2], [5], [2, 3, 3, 2]];

describe('clipping', () => {
  const golden = readGolden<{ maxNorm: number; norm: number; gradients: number[][] }[]>(
    'training',
    'clip.json',
  );
  const tensors = () => SHAPES.map((shape, i) => tf.tensor(fill(shape, 90 + i), shape));

  for (const { maxNorm, norm, gradients } of golden) {
    it(`shortens as PyTorch does (to at most ${maxNorm})`, () => {
      tf.tidy(() => {
        const found = clipping(tensors(), maxNorm);
        assertNear(found.norm, norm, 1e-6 * norm);
        tensors().forEach((tensor, i) => {
          assertArraysNear(tf.mul(tensor, found.scale).dataSync(), gradients[i], 1e-6);
        });
        assert.equal(found.scale === 1, norm < maxNorm);
      });
    });
  }

  it('leaves gradients of 0 alone, and tells of those that are no numbers', () => {
    tf.tidy(() => {
      assert.deepEqual(clipping([tf.zeros([3])], 1), { norm: 0, scale: 1 });
      assert.ok(Number.isNaN(clipping([tf.zeros([3]), tf.tensor1d([NaN])], 1).norm));
      assert.equal(clipping([tf.tensor1d([1e30])], 1).norm, Infinity);
    });
  });

  it('leaves no tensor behind', () => {
    const gradients = tensors();
    assertNoTensorLeak(() => void clipping(gradients, 1));
    tf.dispose(gradients);
  });
});
