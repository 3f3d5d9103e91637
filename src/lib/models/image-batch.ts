import type { ImageStack } from '../data/image';
import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';

/** Mean and standard deviation of ImageNet's channels (RGB, of values in 0..1), which every teacher here expects. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const;

// The same in one multiplication and addition, whose results in single precision are equal for all 256 values of a byte.
const SCALE = IMAGENET_STD.map((std) => 1 / (255 * std));
const SHIFT = IMAGENET_MEAN.map((mean, channel) => -mean / IMAGENET_STD[channel]);

/**
 * (pixel / 255 - mean) / std for each channel.
 *
 * @param pixels RGB bytes, interleaved
 * @param target where to write; as long as `pixels`
 */
function normaliseImage(pixels: Uint8Array, target: Float32Array): void {
  const [redScale, greenScale, blueScale] = SCALE;
  const [redShift, greenShift, blueShift] = SHIFT;
  for (let i = 0; i < pixels.length; i += 3) {
    target[i] = pixels[i] * redScale + redShift;
    target[i + 1] = pixels[i + 1] * greenScale + greenShift;
    target[i + 2] = pixels[i + 2] * blueScale + blueShift;
  }
}

/** The networks' input for some images of a stack: [indices.length, height, width, 3], normalised. */
export function imageBatch(stack: ImageStack, indices: readonly number[]): Tensor4D {
  const { width, height, data } = stack;
  const length = width * height * 3;
  const values = new Float32Array(indices.length * length);
  indices.forEach((index, position) => {
    if (index < 0 || index >= stack.count) {
      throw new RangeError(`Expected the index of one of ${stack.count} images, found ${index}.`);
    }
    normaliseImage(
      data.subarray(index * length, (index + 1) * length),
      values.subarray(position * length, (position + 1) * length),
    );
  });
  return tf.tensor4d(values, [indices.length, height, width, 3]);
}
