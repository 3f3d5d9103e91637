import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import {
  levelMeanSquaredError,
  levelReconstructionLoss,
  reconstructionLoss,
  sumOfSquaredDifferences,
} from '../../src/lib/losses/reconstruction';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { filled } from '../engine/composed-twin';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';

describe('reconstructionLoss', () => {
  const r = (): Tensor4D => tf.tensor4d([1, 2, 3, -4], [1, 1, 2, 2]);
  const f = (): Tensor4D => tf.tensor4d([0, 2, 5, -1], [1, 1, 2, 2]);

  it('is the sum of all squared differences, with its gradients on both sides', () => {
    tf.tidy(() => {
      assert.equal(sumOfSquaredDifferences(r(), f()).dataSync()[0], 1 + 4 + 9);
      const [ofR, ofF] = tf.grads((x, y) =>
        tf.mul(sumOfSquaredDifferences(x as Tensor4D, y as Tensor4D), 3),
      )([r(), f()]);
      assert.deepEqual([...ofR.dataSync()], [6, 0, -12, -18]);
      assertArraysNear(ofF.dataSync(), [-6, 0, 12, 18], 0);
    });
  });

  it('adds the levels up, summed over the batch', () => {
    tf.tidy(() => {
      const pyramid = (level: Tensor4D) => [level, level, level] as FeaturePyramid;
      assert.equal(reconstructionLoss(pyramid(r()), pyramid(f())).dataSync()[0], 3 * 14);
      assert.equal(levelMeanSquaredError(r(), f()).dataSync()[0], 14 / 4);
    });
  });

  it("measures vectors of length 1 with 'unit': 0 for another length, 4 for the opposite", () => {
    tf.tidy(() => {
      const x = filled<Tensor4D>([2, 3, 4, 5], 580);
      const far = tf.mul<Tensor4D>(x, 9);
      assertNear(levelReconstructionLoss(x, far, 'unit').dataSync()[0], 0, 1e-10);
      const opposite = levelReconstructionLoss(x, tf.neg(x), 'unit').dataSync()[0];
      assertNear(opposite, 4 * 2, 1e-5);
    });
  });

  it("has for 'unit' the gradients of its definition on both sides", () => {
    tf.tidy(() => {
      const [x, y] = [filled<Tensor4D>([2, 3, 4, 5], 581), filled<Tensor4D>([2, 3, 4, 5], 582)];
      const phi = (z: Tensor4D) => tf.div(z, tf.norm(z, 'euclidean', -1, true));
      const plain = tf.grads((a, b) => {
        const difference = tf.sub(phi(a as Tensor4D), phi(b as Tensor4D));
        return tf.div(tf.sum(tf.mul(difference, difference)), 3 * 4);
      })([x, y]);
      const ours = tf.grads((a, b) =>
        levelReconstructionLoss(a as Tensor4D, b as Tensor4D, 'unit').asScalar(),
      )([x, y]);
      ours.forEach((gradient, i) =>
        assertArraysNear(gradient.dataSync(), plain[i].dataSync(), 1e-5),
      );
    });
  });

  it('leaves no tensor behind', () => {
    const [x, y] = [filled<Tensor4D>([2, 3, 4, 5], 581), filled<Tensor4D>([2, 3, 4, 5], 582)];
    for (const measure of ['sum', 'unit'] as const) {
      assertNoTensorLeak(() =>
        tf.dispose(
          tf.grads((a, b) => levelReconstructionLoss(a as Tensor4D, b as Tensor4D, measure))([
            x,
            y,
          ]),
        ),
      );
    }
    tf.dispose([x, y]);
  });
});
