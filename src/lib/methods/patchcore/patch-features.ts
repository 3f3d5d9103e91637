import type { ImageSize } from '../../metrics/scores';
import { resizeBilinear, tf } from '../../engine/index';
import type { Tensor4D } from '../../engine/index';
import { imageBatch } from '../../models/image-batch';
import { LEVEL_CHANNELS, LEVEL_STRIDES, resnet18 } from '../../models/resnet18';
import type { ParameterStore } from '../../models/parameter-store';
import type { ImageStack } from '../../data/image';

/** Numbers that describe a patch: the levels' channels side by side. @param levels counted from 1 */
export function patchChannels(levels: readonly number[]): number {
  return levels.reduce((sum, level) => sum + LEVEL_CHANNELS[level - 1], 0);
}

/** Image pixels from one patch to the next, along each axis: those of the finest level. */
export function patchStride(levels: readonly number[]): number {
  return Math.min(...levels.map((level) => LEVEL_STRIDES[level - 1]));
}

/** Patches of an image along each axis. */
export function patchGrid({ height, width }: ImageSize, levels: readonly number[]): ImageSize {
  const stride = patchStride(levels);
  return { height: height / stride, width: width / stride };
}

/**
 * Locally aware patch features (section 3.1): each level is averaged over 3 x 3 positions (zeros beyond the border),
 * upsampled bilinearly to the finest one, and all are put side by side.
 *
 * @param images [b, height, width, 3], normalised
 * @param levels counted from 1, the finest first
 * @returns [b, rows, columns, channels], as `patchGrid` and `patchChannels` say
 */
export function patchFeatures(
  teacher: ParameterStore,
  images: Tensor4D,
  levels: readonly number[],
): Tensor4D {
  return tf.tidy(() => {
    const pyramid = resnet18(teacher, images);
    return joinedLevels(levels.map((level) => pyramid[level - 1]));
  });
}

/** The levels averaged, and put side by side. @param levels [b, h, w, c] each, the finest first */
export function joinedLevels(levels: readonly Tensor4D[]): Tensor4D {
  return tf.tidy(() => {
    const [, height, width] = levels[0].shape;
    const averaged = levels.map((level) => resizeBilinear(average3x3(level), { height, width }));
    return tf.concat(averaged, -1);
  });
}

/** Of images of a stack. */
export function patchFeaturesOf(
  teacher: ParameterStore,
  stack: ImageStack,
  indices: readonly number[],
  levels: readonly number[],
): Float32Array {
  const features = tf.tidy(() => patchFeatures(teacher, imageBatch(stack, indices), levels));
  const values = features.dataSync<'float32'>();
  features.dispose();
  return values;
}

function average3x3(x: Tensor4D): Tensor4D {
  const padded = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  return tf.avgPool(padded, 3, 1, 'valid');
}
