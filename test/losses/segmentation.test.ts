import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { segmentationLoss } from '../../src/lib/losses/segmentation';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';

const { losses } = readGolden<{
  losses: { label: 0 | 1; logits: number[]; loss: number; gradient: number[] }[];
}>('methods', 'fusion.json');

describe('segmentationLoss', () => {
  for (const { label, logits, loss, gradient } of losses) {
    const shape: [number, number, number, number] = [1, 3, 3, 1];

    it(`is PyTorch's, with its gradient, for pixels that are ${label ? 'defective' : 'good'}`, () => {
      tf.tidy(() => {
        const mask = tf.fill(shape, label) as Tensor4D;
        const { value, grad } = tf.valueAndGrad((x) => segmentationLoss(x as Tensor4D, mask))(
          tf.tensor4d(logits, shape),
        );
        assertNear(value.dataSync()[0], loss, 1e-6 * loss);
        assertArraysNear(grad.dataSync(), gradient, 1e-6);
      });
    });

    it(`scales its gradient, and leaves no tensors behind (${label})`, () => {
      assertNoTensorLeak(() =>
        tf.tidy(() => {
          const mask = tf.fill(shape, label) as Tensor4D;
          const gradientOf = tf.grad((x) => tf.mul(segmentationLoss(x as Tensor4D, mask), 3));
          const scaled = gradient.map((value) => 3 * value);
          assertArraysNear(gradientOf(tf.tensor4d(logits, shape)).dataSync(), scaled, 1e-6);
        }),
      );
    });
  }

  it('is finite for logits of any size', () => {
    tf.tidy(() => {
      const logits = tf.tensor4d([-1e4, 1e4, 1e4, -1e4], [1, 2, 2, 1]);
      const mask = tf.tensor4d([1, 0, 1, 0], [1, 2, 2, 1]);
      // Two pixels are wrong by 1e4, two right.
      assertNear(segmentationLoss(logits, mask).dataSync()[0], (2 * 1e4 + 2) / 4, 1e-2);
      assert.ok(
        tf
          .grad((x) => segmentationLoss(x as Tensor4D, mask))(logits)
          .dataSync()
          .every(Number.isFinite),
      );
    });
  });
});
