import assert from 'node:assert/strict';
import { maxPool, tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';
import { executedOps } from './executed-ops';
import { describeWithAndWithoutOneDnn } from './with-and-without-one-dnn';

function padThenPool(x: Tensor, size: number, stride: number, padding: number): Tensor {
  const sides: [number, number] = [padding, padding];
  const padded = tf.pad(x as Tensor4D, [[0, 0], sides, sides, [0, 0]], -1e30);
  return tf.maxPool(padded as Tensor4D, size, stride, 'valid');
}

describeWithAndWithoutOneDnn('maxPool', (isOn) => {
  for (const [size, stride, padding] of [
    [3, 2, 1],
    [2, 2, 0],
    [3, 1, 1],
  ]) {
    it(`takes the largest of ${size} x ${size} at stride ${stride}, padded by ${padding}`, () => {
      for (const [height, width] of [
        [8, 6],
        [7, 9],
      ]) {
        const x = filled([2, height, width, 3], 530);
        assertSameAsTwin(
          (a) => maxPool(a as Tensor4D, size, stride, padding),
          (a) => padThenPool(a, size, stride, padding),
          [x],
          // What overlapping windows give to one position is added up in another order.
          5e-7,
        );
        x.dispose();
      }
    });
  }

  it('never lets the padding win over negative numbers', () => {
    tf.tidy(() => {
      const y = maxPool(tf.fill([1, 4, 4, 1], -3), 3, 2, 1);
      assert.deepEqual([...y.dataSync()], [-3, -3, -3, -3]);
    });
  });

  it('gives the gradient to the first of several largest values, never to the padding', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => maxPool(x as Tensor4D, 3, 2, 1));
      for (const value of [0, -3]) {
        const dx = gradient(tf.fill([1, 4, 4, 1], value), tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]));
        assert.deepEqual([...dx.dataSync()], [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      }
    });
  });

  it(`has the gradient of ${isOn ? 'oneDNN' : 'TensorFlow'}`, () => {
    const ops = executedOps(() =>
      tf.tidy(() => tf.grad((x) => maxPool(x as Tensor4D, 2, 2, 0))(tf.ones([1, 4, 4, 1]))),
    );
    assert.equal(ops.includes('_MklNativeMaxPoolGrad'), isOn);
    assert.equal(ops.includes('MaxPoolGrad'), !isOn);
  });
});
