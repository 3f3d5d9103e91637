import assert from 'node:assert/strict';
import { conv2d, tf } from '../../src/lib/engine/index';
import { FLOAT, rawOp } from '../../src/lib/engine/raw-op';
import type { Tensor4D } from '../../src/lib/engine/index';

describe('rawOp', () => {
  it("throws TensorFlow's complaint when an op does not exist or its input does not fit", () => {
    tf.tidy(() => {
      assert.throws(() => rawOp('NoSuchOp', [tf.tensor1d([1])], FLOAT), /NoSuchOp/);
      const [x, filter] = [tf.ones([1, 4, 4, 3]), tf.ones([3, 3, 2, 1])];
      assert.throws(() => conv2d(x as Tensor4D, filter as Tensor4D, 1, 1), /depth/);
    });
  });
});
