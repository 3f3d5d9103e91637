import type { ImageStack } from '../data/load-images';
import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { normaliseImage } from './image-normalisation';

/** The networks' input for some images of a stack: [indices.length, height, width, 3], normalised. */
export function imageBatch(stack: ImageStack, indices: readonly number[]): Tensor4D {
  const { width, height, data } = stack;
  const length = width * height * 3;
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, position) => {
    if (index < 0 || index >= stack.count) {
      throw new RangeError(`Image ${index} of a stack of ${stack.count} images.`);
    }
    normaliseImage(
      data.subarray(index * length, (index + 1) * length),
      values.subarray(position * length, (position + 1) * length),
    );
  });
  return tf.tensor4d(values, [indices.length, height, width, 3]);
}
