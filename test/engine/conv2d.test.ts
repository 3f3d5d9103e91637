import assert from 'node:assert/strict';
import { conv2d, conv2dBias, tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor1D, Tensor4D } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';
import { executedOps } from './executed-ops';
import { describeWithAndWithoutOneDnn } from './with-and-without-one-dnn';

function padThenConvolve(x: Tensor, filter: Tensor, stride: number, padding: number): Tensor {
  const padded = tf.pad(x as Tensor4D, [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]);
  return tf.conv2d(padded as Tensor4D, filter as Tensor4D, stride, 'valid');
}

describe('conv2d', () => {
  const kernels = [
    { kernel: 1, padding: 0 },
    { kernel: 3, padding: 0 },
    { kernel: 3, padding: 1 },
    { kernel: 4, padding: 1 },
    { kernel: 7, padding: 3 },
  ];
  for (const { kernel, padding } of kernels) {
    for (const stride of [1, 2]) {
      it(`pads by ${padding}, then convolves with ${kernel} x ${kernel} at stride ${stride}`, () => {
        for (const [height, width] of [
          [8, 10],
          [9, 7],
        ]) {
          const x = filled([2, height, width, 3], 500);
          const filter = filled([kernel, kernel, 3, 4], 501);
          assertSameAsTwin(
            (a, b) => conv2d(a as Tensor4D, b as Tensor4D, stride, padding),
            (a, b) => padThenConvolve(a, b, stride, padding),
            [x, filter],
          );
          tf.dispose([x, filter]);
        }
      });
    }
  }

  it('correlates as PyTorch does, without turning the filter', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
      const filter = tf.tensor4d([1, 10, 100, 1000], [2, 2, 1, 1]);
      const y = conv2d(x, filter, 1, 0);
      assert.deepEqual([...y.dataSync()], [5421, 6532, 8754, 9865]);
    });
  });

  it('takes images whose last row and column a stride of 2 skips', () => {
    tf.tidy(() => {
      const y = conv2d(tf.ones([1, 6, 4, 1]), tf.ones([3, 3, 1, 1]), 2, 0);
      assert.deepEqual(y.shape, [1, 2, 1, 1]);
    });
  });

  it('does not compute the gradient of a constant image, nor that of a constant filter', () => {
    tf.tidy(() => {
      const x = filled<Tensor4D>([1, 5, 5, 2], 502);
      const filter = filled<Tensor4D>([3, 3, 2, 2], 503);
      const both = executedOps(() =>
        tf.grads((a, b) => conv2d(a as Tensor4D, b as Tensor4D, 1, 1))([x, filter]),
      );
      assert.ok(both.includes('Conv2DBackpropInput') && both.includes('Conv2DBackpropFilter'));
      const ofFilter = executedOps(() => tf.grad((f) => conv2d(x, f as Tensor4D, 1, 1))(filter));
      assert.ok(!ofFilter.includes('Conv2DBackpropInput'));
      assert.ok(ofFilter.includes('Conv2DBackpropFilter'));
      const ofImage = executedOps(() => tf.grad((a) => conv2d(a as Tensor4D, filter, 1, 1))(x));
      assert.ok(!ofImage.includes('Conv2DBackpropFilter'));
      assert.ok(ofImage.includes('Conv2DBackpropInput'));
    });
  });
});

describeWithAndWithoutOneDnn('conv2dBias', () => {
  for (const [kernel, padding] of [
    [1, 0],
    [3, 1],
  ]) {
    for (const isRectified of [false, true]) {
      const rectified = isRectified ? ', rectified' : '';
      it(`is conv2d of ${kernel} x ${kernel} and a bias${rectified}, with all gradients`, () => {
        const inputs = [
          filled([2, 8, 6, 3], 504),
          filled([kernel, kernel, 3, 4], 505),
          filled([4], 506),
        ];
        assertSameAsTwin(
          (x, filter, bias) =>
            conv2dBias(x as Tensor4D, filter as Tensor4D, bias as Tensor1D, padding, {
              relu: isRectified,
            }),
          (x, filter, bias) => {
            const y = tf.add(padThenConvolve(x, filter, 1, padding), bias);
            return isRectified ? tf.relu(y) : y;
          },
          inputs,
        );
        tf.dispose(inputs);
      });
    }
  }

  it('lets NaN through its rectifier, so that a broken network shows', () => {
    tf.tidy(() => {
      const x = tf.fill([1, 4, 4, 1], NaN) as Tensor4D;
      const y = conv2dBias(x, tf.ones([3, 3, 1, 1]), tf.zeros([1]), 1, { relu: true });
      assert.ok([...y.dataSync()].every(Number.isNaN));
    });
  });
});
