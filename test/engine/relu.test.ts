import assert from 'node:assert/strict';
import { leakyRelu, relu, tf } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';

describe('relu', () => {
  it('is max(x, 0) with its gradient, for any rank', () => {
    for (const shape of [[7], [3, 4], [2, 3, 4, 5]]) {
      const x = filled(shape, 520);
      assertSameAsTwin(
        (a) => relu(a),
        (a) => tf.relu(a),
        [x],
        0,
      );
      x.dispose();
    }
  });

  it('has gradient 0 at 0, as in PyTorch', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => relu(x))(tf.tensor1d([-1, -0, 0, 1e-30]));
      assert.deepEqual([...gradient.dataSync()], [0, 0, 0, 1]);
    });
  });

  it('lets NaN through, so that a broken network shows', () => {
    tf.tidy(() => assert.ok(Number.isNaN(relu(tf.tensor1d([NaN])).dataSync()[0])));
  });
});

describe('leakyRelu', () => {
  it('is x above 0 and slope x below, with its gradient, for any rank', () => {
    for (const shape of [[7], [3, 4], [2, 3, 4, 5]]) {
      const x = filled(shape, 521);
      for (const slope of [0.2, 0.5]) {
        assertSameAsTwin(
          (a) => leakyRelu(a, slope),
          (a) => tf.leakyRelu(a, slope),
          [x],
          1e-7,
        );
      }
      x.dispose();
    }
  });

  it('lets NaN through, so that a broken network shows', () => {
    tf.tidy(() => assert.ok(Number.isNaN(leakyRelu(tf.tensor1d([NaN]), 0.2).dataSync()[0])));
  });
});
