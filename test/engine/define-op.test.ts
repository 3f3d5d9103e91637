import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { mock } from 'node:test';
import { conv2d, defineOp, relu, tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import { filled } from './composed-twin';
import { assertNoTensorLeak } from './tensor-count';

describe('defineOp', () => {
  it('passes attributes and saved tensors to the gradient', () => {
    const power = defineOp<{ x: Tensor }, { exponent: number }>({
      name: 'TestPower',
      forward: ({ x }, { exponent }, save) => {
        save(x);
        return tf.pow(x, exponent);
      },
      backward: ([dy], [x], { exponent }) => ({
        x: () => tf.mul(tf.mul(dy, exponent), tf.pow(x, exponent - 1)),
      }),
    });
    tf.tidy(() => {
      const gradient = tf.grad((x) => power({ x }, { exponent: 3 })[0])(tf.tensor1d([2, -1]));
      assert.deepEqual([...gradient.dataSync()], [12, 3]);
    });
  });

  const double = defineOp<{ x: Tensor }>({
    name: 'TestDouble',
    forward: ({ x }, _, save) => {
      save(tf.zerosLike(x));
      return tf.mul(x, 2);
    },
    backward: ([dy]) => ({ x: () => tf.mul(dy, 2) }),
  });
  const twice = (x: Tensor) => double({ x }, {})[0];

  it('disposes of what is only saved when no gradient is wanted', () => {
    const x = tf.tensor1d([1, 2]);
    assertNoTensorLeak(() => twice(x).dispose());
    assertNoTensorLeak(() => tf.grad(twice)(x).dispose());
    x.dispose();
  });

  it('gives back the memory of each gradient once it is passed on', () => {
    let most = 0;
    const counting = defineOp<{ x: Tensor }>({
      name: 'TestCount',
      forward: ({ x }) => tf.mul(x, 1),
      backward: ([dy]) => {
        most = Math.max(most, tf.memory().numTensors);
        return { x: () => tf.mul(dy, 1) };
      },
    });
    const mostWith = (ops: number) => {
      most = 0;
      tf.tidy(() => {
        tf.grad((x) => {
          let y = x;
          for (let i = 0; i < ops; i++) [y] = counting({ x: y }, {});
          return y;
        })(tf.tensor1d([1, 2]));
      });
      return most;
    };
    assert.equal(mostWith(20), mostWith(5));
  });

  it("leaves the caller's gradient alone, and those that are results", () => {
    tf.tidy(() => {
      const [x, dy] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
      const gradient = tf.grad((a) => twice(twice(a)))(x, dy);
      tf.grad(twice)(x).dispose();
      assert.deepEqual([...gradient.dataSync()], [12, 16]);
      assert.deepEqual([...dy.dataSync()], [3, 4]);
    });
  });

  it('adds up the gradients of what is used more than once', () => {
    tf.tidy(() => {
      const gradient = tf.grad((x) => {
        const y = twice(x);
        return tf.addN([twice(y), y, tf.mul(y, y)]);
      })(tf.tensor1d([1, -3]));
      assert.deepEqual([...gradient.dataSync()], [6 + 8, 6 - 24]);
    });
  });

  it('passes on an error of its forward function, and records later ops as before', () => {
    const failing = defineOp<{ x: Tensor }>({
      name: 'TestFailure',
      forward: () => {
        throw new Error('no');
      },
      backward: () => ({}),
    });
    tf.tidy(() => {
      const x = tf.tensor1d([1]);
      assert.throws(() => tf.grad((a) => failing({ x: a }, {})[0])(x), /no/);
      assert.deepEqual([...tf.grad(twice)(x).dataSync()], [2]);
    });
  });

  it('may be met twice by one process, as when a notebook loads the library anew', () => {
    const folder = `${sep}src${sep}lib${sep}engine${sep}`;
    const old = Object.entries(require.cache).filter(([file]) => file.includes(folder));
    assert.ok(old.length > 3);
    for (const [file] of old) delete require.cache[file];
    const warn = mock.method(console, 'warn', () => {});
    try {
      const again =
        require('../../src/lib/engine/index') as typeof import('../../src/lib/engine/index');
      assert.notEqual(again.conv2d, conv2d);
      assert.equal(warn.mock.callCount(), 0);
      tf.tidy(() => {
        const x = filled<Tensor4D>([1, 5, 5, 2], 560);
        const filter = filled<Tensor4D>([3, 3, 2, 2], 561);
        const [before, after] = [
          { conv2d, relu },
          { conv2d: again.conv2d, relu: again.relu },
        ].map((ops) => tf.grad((f) => ops.relu(ops.conv2d(x, f as Tensor4D, 1, 1)))(filter));
        assert.deepEqual(after.dataSync(), before.dataSync());
      });
    } finally {
      warn.mock.restore();
      for (const [file, module] of old) require.cache[file] = module;
    }
  });
});
