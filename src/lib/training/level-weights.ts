import type { ImageStack } from '../data/image';
import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { LEVEL_STRIDES } from '../models/resnet18';
import type { FeaturePyramid } from '../models/resnet18';

/**
 * How much each position of a level counts in a loss, where some of the images does not: 0 where none of its pixels
 * counts, elsewhere so much that an image weighs as much as one that counts as a whole.
 *
 * @returns [indices.length, height, width, 1] of each level
 */
export function levelWeights(
  { height, width, region }: ImageStack,
  indices: readonly number[],
): FeaturePyramid | undefined {
  if (!region) return undefined;
  return LEVEL_STRIDES.map((stride): Tensor4D => {
    const size = { height: height / stride, width: width / stride };
    const positions = size.height * size.width;
    const weights = new Float32Array(indices.length * positions);
    indices.forEach((image, place) => {
      const ofImage = weights.subarray(place * positions, (place + 1) * positions);
      for (let y = 0; y < height; y++) {
        const from = (image * height + y) * width;
        const to = Math.floor(y / stride) * size.width;
        for (let x = 0; x < width; x++) {
          if (region[from + x]) ofImage[to + Math.floor(x / stride)] = 1;
        }
      }
      const count = ofImage.reduce((sum, value) => sum + value, 0);
      ofImage.forEach((value, i) => (ofImage[i] = (value * positions) / count));
    });
    return tf.tensor4d(weights, [indices.length, size.height, size.width, 1]);
  }) as FeaturePyramid;
}

/** Features times the square root of their weights: squared differences of them count as much as the weights say. */
export function weighted(features: FeaturePyramid, weights: FeaturePyramid): FeaturePyramid {
  return features.map((level, i) => tf.mul(level, tf.sqrt(weights[i]))) as FeaturePyramid;
}

/** Features where they count, elsewhere 0. */
export function whereCounted(features: FeaturePyramid, weights: FeaturePyramid): FeaturePyramid {
  // Weights are 0, or at least 1.
  return features.map((level, i) => tf.mul(level, tf.minimum(weights[i], 1))) as FeaturePyramid;
}
