import { tf } from '../engine/index';
import type { Tensor } from '../engine/index';
import type { NamedArray } from '../weights/tensor-file';

/**
 * A new tensor in the engine's layout: a convolution's weight [out, in, height, width] becomes
 * [height, width, in, out], and a transposed convolution's [in, out, height, width] becomes
 * [height, width, out, in], by the same permutation. Other ranks stay as they are.
 */
export function toEngineLayout({ shape, data }: NamedArray): Tensor {
  if (shape.length !== 4) return tf.tensor(data, shape, 'float32');
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, shape as never, 'float32'), [2, 3, 1, 0]));
}

/** The inverse of `toEngineLayout`, copied out of the engine. */
export function toTorchLayout(tensor: Tensor): NamedArray {
  if (tensor.rank !== 4) {
    return { shape: tensor.shape.slice(), data: tensor.dataSync<'float32'>().slice() };
  }
  const transposed = tf.transpose(tensor, [3, 2, 0, 1]);
  const array = { shape: transposed.shape.slice(), data: transposed.dataSync<'float32'>().slice() };
  transposed.dispose();
  return array;
}
