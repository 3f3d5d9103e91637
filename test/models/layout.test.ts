import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tf } from '../../src/lib/engine/index';
import { toEngineLayout, toTorchLayout } from '../../src/lib/models/parameter-store';
import { assertNoTensorLeak } from '../engine/tensor-count';

describe('toEngineLayout', () => {
  it('puts [out, in, height, width] into [height, width, in, out]', () => {
    const data = Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);
    const tensor = toEngineLayout({ shape: [2, 3, 4, 5], data });
    assert.deepEqual(tensor.shape, [4, 5, 3, 2]);
    const values = tensor.dataSync();
    for (const [o, i, y, x] of [
      [1, 2, 3, 4],
      [0, 1, 2, 3],
      [1, 0, 3, 0],
    ]) {
      assert.equal(values[((y * 5 + x) * 3 + i) * 2 + o], ((o * 3 + i) * 4 + y) * 5 + x);
    }
    tensor.dispose();
  });

  it('is undone by toTorchLayout, for any rank, without a tensor left behind', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const array = { shape, data: Float32Array.from({ length: count }, (_, i) => i - 0.5) };
        assertNoTensorLeak(() => {
          const tensor = toEngineLayout(array);
          assert.deepEqual(toTorchLayout(tensor), array);
          tensor.dispose();
        });
      }),
      { numRuns: 40 },
    );
  });

  it('gives arrays of their own, which later changes to the tensor do not reach', () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const array = toTorchLayout(variable);
    variable.assign(tf.tensor1d([3, 4]));
    assert.deepEqual([...array.data], [1, 2]);
    variable.dispose();
  });
});
