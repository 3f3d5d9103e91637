import assert from 'node:assert/strict';
import { sep } from 'node:path';
import { mock } from 'node:test';
import { conv2d, defineOp, relu, tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import { filled } from './composed-twin';

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
