import assert from 'node:assert/strict';
import {
  BATCH_NORM_EPSILON,
  batchNormInference,
  batchNormTraining,
  tf,
} from '../../src/lib/engine/index';
import type { Tensor, Tensor1D, Tensor4D } from '../../src/lib/engine/index';
import { assertArraysNear } from './assert-arrays-near';
import { assertSameAsTwin, filled } from './composed-twin';
import { assertNoTensorLeak } from './tensor-count';

function normalise(
  x: Tensor,
  scale: Tensor,
  offset: Tensor,
  mean: Tensor,
  variance: Tensor,
): Tensor {
  const centred = tf.sub(x, mean);
  return tf.add(
    tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, BATCH_NORM_EPSILON))), scale),
    offset,
  );
}

describe('batchNormTraining', () => {
  for (const relu of [false, true]) {
    const what = relu ? 'normalises by the batch and rectifies' : 'normalises by the batch';
    it(`${what}, with the gradients of x, scale and offset`, () => {
      for (const shape of [
        [2, 3, 5, 4],
        [1, 2, 2, 3],
        [3, 1, 1, 8],
      ]) {
        const inputs = [filled(shape, 510, 3), filled([shape[3]], 511), filled([shape[3]], 512)];
        assertSameAsTwin(
          (x, scale, offset) =>
            batchNormTraining(x as Tensor4D, scale as Tensor1D, offset as Tensor1D, { relu }).y,
          (x, scale, offset) => {
            const { mean, variance } = tf.moments(x, [0, 1, 2]);
            const y = normalise(x, scale, offset, mean, variance);
            return relu ? tf.relu(y) : y;
          },
          inputs,
          1e-5,
        );
        tf.dispose(inputs);
      }
    });
  }

  it('lets NaN through, rectified or not, so that a broken network shows', () => {
    tf.tidy(() => {
      for (const relu of [false, true]) {
        const x = tf.fill([1, 2, 2, 1], NaN) as Tensor4D;
        const { y } = batchNormTraining(x, tf.ones([1]), tf.zeros([1]), { relu });
        assert.ok([...y.dataSync()].every(Number.isNaN));
      }
    });
  });

  it("gives the batch's mean and its variance divided by n - 1", () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 10, 2, 10, 3, 10, 6, 10], [2, 2, 1, 2]);
      const { y, mean, variance } = batchNormTraining(x, tf.ones([2]), tf.zeros([2]));
      assertArraysNear(mean.dataSync(), [3, 10], 1e-6);
      assertArraysNear(variance.dataSync(), [14 / 3, 0], 1e-6);
      // The batch itself is divided by the root of the biased variance, 14 / 4.
      const expected = [-2, 0, -1, 0, 0, 0, 3, 0].map(
        (d) => d / Math.sqrt(3.5 + BATCH_NORM_EPSILON),
      );
      assertArraysNear(y.dataSync(), expected, 1e-6);
    });
  });

  it('stays exact for channels whose mean is far larger than their spread', () => {
    tf.tidy(() => {
      const noise = filled<Tensor4D>([2, 8, 8, 3], 513);
      const scale = tf.ones([3]) as Tensor1D;
      const near = batchNormTraining(noise, scale, tf.zeros([3]));
      const far = batchNormTraining(tf.add(noise, 100), scale, tf.zeros([3]));
      assertArraysNear(far.variance.dataSync(), near.variance.dataSync(), 1e-3);
      assertArraysNear(far.y.dataSync(), near.y.dataSync(), 1e-3);
    });
  });
});

describe('batchNormInference', () => {
  const statistics = () => ({
    scale: filled<Tensor1D>([4], 515),
    offset: filled<Tensor1D>([4], 516),
    mean: filled<Tensor1D>([4], 517),
    variance: tf.tidy(() => tf.add(filled<Tensor1D>([4], 518, 0.5), 1)) as Tensor1D,
  });

  it('normalises by the stored statistics, with the gradients of x, scale and offset', () => {
    const x = filled([2, 3, 5, 4], 514, 3);
    const { scale, offset, mean, variance } = statistics();
    assertSameAsTwin(
      (a, b, c) => batchNormInference(a as Tensor4D, b as Tensor1D, c as Tensor1D, mean, variance),
      (a, b, c) => normalise(a, b as Tensor1D, c as Tensor1D, mean, variance),
      [x, scale, offset],
    );
    tf.dispose([x, scale, offset, mean, variance]);
  });

  it('leaves no tensor behind in a forward pass', () => {
    const x = filled<Tensor4D>([2, 3, 5, 4], 514);
    const { scale, offset, mean, variance } = statistics();
    assertNoTensorLeak(() => batchNormInference(x, scale, offset, mean, variance).dispose());
    tf.dispose([x, scale, offset, mean, variance]);
  });
});
