import type { ImageSize } from '../../data/decode';
import { resizeBilinear, tf } from '../../engine/index';
import type { Tensor4D } from '../../engine/index';
import { imageBatch } from '../../models/image-batch';
import { LEVEL_CHANNELS, LEVEL_STRIDES, resnet18 } from '../../models/resnet18';
import type { ParameterStore } from '../../models/parameter-store';
import type { ImageStack } from '../../data/image';

/** The levels whose features describe a patch: middle ones, neither plain textures nor ImageNet's classes. */
export const PATCH_LEVELS = [1, 2] as const;

/** Numbers that describe a patch: the levels' channels side by side. */
export const PATCH_CHANNELS: number = PATCH_LEVELS.reduce(
  (sum, level) => sum + LEVEL_CHANNELS[level],
  0,
);

/** Image pixels from one patch to the next, along each axis. */
export const PATCH_STRIDE: number = LEVEL_STRIDES[PATCH_LEVELS[0]];

/** Patches of an image along each axis. */
export function patchGrid({ height, width }: ImageSize): ImageSize {
  return { height: height / PATCH_STRIDE, width: width / PATCH_STRIDE };
}

/**
 * Locally aware patch features (section 3.1): each level is averaged over 3 x 3 positions (zeros beyond the border),
 * upsampled bilinearly to the finer one, and both are put side by side.
 *
 * @param images [b, height, width, 3], normalised
 * @returns [b, height / 8, width / 8, 384]
 */
export function patchFeatures(teacher: ParameterStore, images: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const pyramid = resnet18(teacher, images);
    return joinedLevels(PATCH_LEVELS.map((level) => pyramid[level]));
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
): Float32Array {
  const features = tf.tidy(() => patchFeatures(teacher, imageBatch(stack, indices)));
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
