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

  it('lays the filter out as PyTorch does', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, 10], [1, 1, 2, 1]);
      const y = conv2dTranspose(x, tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]));
      assert.deepEqual([...y.dataSync()], [1, 2, 10, 20, 3, 4, 30, 40]);
    });
  });
});
