import assert from 'node:assert/strict';
import { maxPool, tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';

function padThenPool(x: Tensor, size: number, stride: number, padding: number): Tensor {
  const sides: [number, number] = [padding, padding];
  const padded = tf.pad(x as Tensor4D, [[0, 0], sides, sides, [0, 0]], -1e30);
  return tf.maxPool(padded as Tensor4D, size, stride, 'valid');
}

describe('maxPool', () => {
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
          0,
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
});
