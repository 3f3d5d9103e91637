import assert from 'node:assert/strict';
import { conv2dTranspose, tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';

describe('conv2dTranspose', () => {
  for (const size of [2, 3]) {
    it(`makes ${size} x ${size} positions of each one, with both gradients`, () => {
      const inputs = [filled([2, 3, 5, 4], 550), filled([size, size, 3, 4], 551)];
      assertSameAsTwin(
        (x, filter) => conv2dTranspose(x as Tensor4D, filter as Tensor4D),
        (x, filter) =>
          tf.conv2dTranspose(
            x as Tensor4D,
            filter as Tensor4D,
            [2, 3 * size, 5 * size, 3],
            size,
            'valid',
          ),
        inputs,
      );
      tf.dispose(inputs);
    });
  }

  it('doubles each side with 4 x 4 kernels at stride 2, as TensorFlow does with its own padding', () => {
    const inputs = [filled([2, 3, 5, 4], 552), filled([4, 4, 3, 4], 553)];
    assertSameAsTwin(
      (x, filter) => conv2dTranspose(x as Tensor4D, filter as Tensor4D, 2, 1),
      (x, filter) =>
        tf.conv2dTranspose(x as Tensor4D, filter as Tensor4D, [2, 6, 10, 3], 2, 'same'),
      inputs,
    );
    tf.dispose(inputs);
  });

  for (const [kernel, stride, padding] of [
    [4, 1, 0],
    [3, 2, 1],
    [5, 2, 2],
  ]) {
    it(`cuts ${padding} off all sides with ${kernel} x ${kernel} kernels at stride ${stride}`, () => {
      const inputs = [filled([2, 3, 5, 4], 554), filled([kernel, kernel, 3, 4], 555)];
      const enlarged = (side: number) => (side - 1) * stride + kernel;
      const [height, width] = [enlarged(3), enlarged(5)];
      assertSameAsTwin(
        (x, filter) => conv2dTranspose(x as Tensor4D, filter as Tensor4D, stride, padding),
        (x, filter) =>
          tf.slice(
            tf.conv2dTranspose(
              x as Tensor4D,
              filter as Tensor4D,
              [2, height, width, 3],
              stride,
              'valid',
            ),
            [0, padding, padding, 0],
            [2, height - 2 * padding, width - 2 * padding, 3],
          ),
        inputs,
      );
      tf.dispose(inputs);
    });
  }

  it('lays the filter out as PyTorch does', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 10], [1, 1, 2, 1]);
      const y = conv2dTranspose(x, tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]));
      assert.deepEqual([...y.dataSync()], [1, 2, 10, 20, 3, 4, 30, 40]);
    });
  });
});
