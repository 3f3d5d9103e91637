import assert from 'node:assert/strict';
import {
  addRelu,
  batchNormTraining,
  biasAdd,
  concatChannels,
  conv2d,
  conv2dBias,
  conv2dTranspose,
  convertActivations,
  fork,
  hasFastBfloat16,
  maxPool,
  relu,
  tf,
} from '../../src/lib/engine/index';
import type { Tensor, Tensor1D, Tensor4D } from '../../src/lib/engine/index';
import { filled } from './composed-twin';
import { assertNoTensorLeak } from './tensor-count';
import { describeWithAndWithoutOneDnn } from './with-and-without-one-dnn';

/** Half the distance of neighbouring numbers of bfloat16, relative to them. */
const ROUNDING = 2 ** -8;

type Op = (...inputs: Tensor[]) => Tensor;

/** ||a - b|| / ||b||. */
function difference(a: Tensor, b: Tensor): number {
  return tf.tidy(() => {
    assert.deepEqual(a.shape, b.shape);
    return tf.norm(tf.sub(a, b)).dataSync()[0] / tf.norm(b).dataSync()[0];
  });
}

/**
 * Asserts that an op on activations of bfloat16 gives what it gives on those of float32, value and all gradients, but for
 * some roundings of what goes in and comes out. The first inputs are activations.
 */
function assertCloseToFloat32(op: Op, inputs: Tensor[], activations = 1, roundings = 3): void {
  const low: Op = (...all) => {
    const lowered = all.map((x, i) => (i < activations ? convertActivations(x, 'bfloat16') : x));
    return convertActivations(op(...lowered), 'float32');
  };
  tf.tidy(() => {
    const y = op(...inputs);
    const ours = low(...inputs);
    assert.ok(difference(ours, y) < roundings * ROUNDING, `value: ${difference(ours, y)}`);
    assert.ok(difference(ours, y) > 0, 'computed in float32');
    const dy = filled(y.shape, 998);
    const expected = tf.grads(op)(inputs, dy);
    tf.grads(low)(inputs, dy).forEach((gradient, i) => {
      const found = difference(gradient, expected[i]);
      assert.ok(found < roundings * ROUNDING, `gradient of input ${i}: ${found}`);
    });
    assertNoTensorLeak(() => tf.dispose(tf.grads(low)(inputs, dy)));
  });
}

describeWithAndWithoutOneDnn('activations of bfloat16', () => {
  for (const [kernel, stride, padding] of [
    [1, 2, 0],
    [3, 1, 1],
    [3, 2, 1],
    [7, 2, 3],
  ]) {
    it(`go through a convolution of ${kernel} x ${kernel} at stride ${stride}, with all gradients`, () => {
      const inputs = [filled([2, 16, 12, 8], 1), filled([kernel, kernel, 8, 16], 2)];
      assertCloseToFloat32(
        (x, filter) => conv2d(x as Tensor4D, filter as Tensor4D, stride, padding),
        inputs,
      );
      tf.dispose(inputs);
    });
  }

  it('go through convolutions with biases, rectified', () => {
    // Biases far from 0, so that no sum comes to lie on another side of it.
    const inputs = [filled([2, 8, 6, 8], 3), filled([3, 3, 8, 4], 4, 0.1), tf.fill([4], 10)];
    assertCloseToFloat32(
      (x, filter, bias) =>
        conv2dBias(x as Tensor4D, filter as Tensor4D, bias as Tensor1D, 1, { relu: true }),
      inputs,
    );
    tf.dispose(inputs);
  });

  it('go through transposed convolutions and biases', () => {
    const inputs = [filled([2, 8, 6, 8], 5), filled([2, 2, 4, 8], 6), filled([4], 7)];
    assertCloseToFloat32(
      (x, filter, bias) =>
        biasAdd(conv2dTranspose(x as Tensor4D, filter as Tensor4D), bias as Tensor1D),
      inputs,
    );
    tf.dispose(inputs);
  });

  it('go through batch norms, whose statistics are float32', () => {
    const inputs = [filled([4, 8, 6, 8], 8), filled([8], 9), filled([8], 10)];
    assertCloseToFloat32(
      (x, scale, offset) =>
        batchNormTraining(x as Tensor4D, scale as Tensor1D, offset as Tensor1D).y,
      inputs,
    );
    tf.tidy(() => {
      const [x, scale, offset] = inputs as [Tensor4D, Tensor1D, Tensor1D];
      const low = batchNormTraining(convertActivations(x, 'bfloat16'), scale, offset);
      const high = batchNormTraining(
        convertActivations(convertActivations(x, 'bfloat16'), 'float32'),
        scale,
        offset,
      );
      assert.ok(difference(low.mean, high.mean) < 1e-5);
      assert.ok(difference(low.variance, high.variance) < 1e-5);
    });
    tf.dispose(inputs);
  });

  it('go through poolings, sums, rectifiers and concatenations', () => {
    const a = filled<Tensor4D>([2, 8, 6, 4], 11);
    const b = filled<Tensor4D>([2, 8, 6, 4], 12);
    // Rounded beforehand, so that each window has its largest value, and each sum its sign, at the same place.
    const [x, y] = tf.tidy(() =>
      [a, b].map((each) =>
        convertActivations(convertActivations(each, 'bfloat16'), 'float32').clone(),
      ),
    );
    tf.tidy(() => {
      const low = convertActivations(x, 'bfloat16');
      for (const [size, stride, padding] of [
        [2, 2, 0],
        [3, 2, 1],
      ]) {
        const pool = (each: Tensor) => maxPool(each as Tensor4D, size, stride, padding);
        assert.equal(difference(convertActivations(pool(low), 'float32'), pool(x)), 0);
        assert.equal(
          difference(
            tf.grad((each) =>
              convertActivations(pool(convertActivations(each, 'bfloat16')), 'float32'),
            )(x),
            tf.grad(pool)(x),
          ) < ROUNDING,
          true,
        );
      }
      assert.equal(difference(convertActivations(relu(low), 'float32'), relu(x)), 0);
    });
    assertCloseToFloat32((p, q) => concatChannels(p as Tensor4D, q as Tensor4D), [a, b], 2);
    // Sums that are well above 0 or below, so that rounding changes no sign.
    const far = tf.mul(tf.sign(x), 3) as Tensor4D;
    assertCloseToFloat32((p, q) => addRelu(p as Tensor4D, q as Tensor4D), [b, far], 2);
    far.dispose();
    tf.dispose([a, b, x, y]);
  });

  it('let NaN through their rectifiers, so that a broken network shows', () => {
    tf.tidy(() => {
      const low = convertActivations(tf.fill([1, 4, 4, 8], NaN) as Tensor4D, 'bfloat16');
      const bias = conv2dBias(low, tf.ones([3, 3, 8, 1]), tf.zeros([1]), 1, { relu: true });
      for (const y of [relu(low), addRelu(low, low), bias]) {
        assert.ok([...convertActivations(y, 'float32').dataSync()].every(Number.isNaN));
      }
    });
  });
});

describe('convertActivations', () => {
  it('rounds to the nearest number with 8 bits, and gives itself where nothing is to be done', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 1 + 2 ** -8, 1 + 3 * 2 ** -9, 2 ** 127, 1e-40]);
      assert.equal(convertActivations(x, 'float32'), x);
      const back = convertActivations(convertActivations(x, 'bfloat16'), 'float32').dataSync();
      assert.deepEqual([...back.slice(0, 4)], [1, 1, 1 + 2 ** -7, 2 ** 127]);
    });
  });

  it("keeps tfjs's own ops from taking halves for numbers", () => {
    tf.tidy(() => {
      const low = convertActivations(tf.ones([4]), 'bfloat16');
      assert.throws(() => tf.add(low, low), /dtype/);
      assert.throws(() => low.dataSync());
    });
  });
});

describe('fork', () => {
  it('adds up both gradients, in float32 as tfjs does', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, -2, 3]);
      const gradient = tf.grad((each) => {
        const [a, b] = fork(convertActivations(each, 'bfloat16'));
        return tf.add(
          convertActivations(a, 'float32'),
          tf.mul(convertActivations(b, 'float32'), 2),
        );
      })(x);
      assert.deepEqual([...gradient.dataSync()], [3, 3, 3]);
      assert.deepEqual(fork(x), [x, x]);
    });
  });
});

describe('hasFastBfloat16', () => {
  const processor = (flags: string) =>
    `processor\t: 0\nflags\t\t: fpu sse2 ${flags} avx2\nbugs\t\t:\n`;

  it('knows the processors that multiply it by instructions of their own', () => {
    assert.equal(hasFastBfloat16(processor('avx512f avx512_bf16')), true);
    assert.equal(hasFastBfloat16(processor('amx_tile amx_bf16')), true);
    assert.equal(hasFastBfloat16(processor('avx512f avx512_vnni amx_int8')), false);
    assert.equal(hasFastBfloat16(''), false);
  });
});
