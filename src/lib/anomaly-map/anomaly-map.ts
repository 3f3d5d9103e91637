import type { ImageSize } from '../metrics/scores';
import { resizeBilinear, square, tf } from '../engine/index';
import type { Tensor3D, Tensor4D } from '../engine/index';
import { l2Normalise } from '../losses/similarity';
import type { PyramidPair } from '../models/detector';
import type { PerLevel } from '../models/resnet18';

/**
 * Eq. 1: 1/2 ||phi(F_t) - phi(R_s)||^2 at each position of one level, 1 - cosine of the two vectors.
 *
 * @param teacher F_t, [b, h, w, d]
 * @param student R_s, [b, h, w, d]
 * @returns [b, h, w], in [0, 1] for features that are never negative, in [0, 2] otherwise
 */
export function levelMap(teacher: Tensor4D, student: Tensor4D): Tensor3D {
  return tf.tidy(() => {
    const difference = tf.sub(l2Normalise(teacher), l2Normalise(student));
    return tf.mul(tf.sum(square(difference), -1), 0.5) as Tensor3D;
  });
}

/**
 * Where the product of Eq. 2 is taken. 'image': each level goes straight to the image size, as the equation says.
 * 'level1': at the first level's resolution, and the product goes to the image size, as in the STFPM authors' code.
 */
export type ProductResolution = 'image' | 'level1';

/** Maps of a batch at the image size: [b, height, width]. */
export interface AnomalyMaps {
  /** Eq. 1 of each level, upsampled. */
  levels: PerLevel<Tensor3D>;
  /** Eq. 2, their product. */
  product: Tensor3D;
}

function upsample(map: Tensor3D, size: ImageSize): Tensor3D {
  return tf.squeeze(resizeBilinear(tf.expandDims(map, -1), size), [-1]);
}

function productOf(maps: Tensor3D[]): Tensor3D {
  return maps.reduce((product, map) => tf.mul(product, map));
}

/** Eq. 2: the level maps, upsampled bilinearly to the image size, and their product. */
export function anomalyMaps(
  { teacher, student }: PyramidPair,
  size: ImageSize,
  productResolution: ProductResolution = 'image',
): AnomalyMaps {
  return tf.tidy(() => {
    const maps = teacher.map((features, level) => levelMap(features, student[level]));
    const levels = maps.map((map) => upsample(map, size)) as AnomalyMaps['levels'];
    if (productResolution === 'image') {
      return { levels, product: productOf(levels) };
    }
    const [, height, width] = maps[0].shape;
    const atLevel1 = maps.map((map) => upsample(map, { height, width }));
    return { levels, product: upsample(productOf(atLevel1), size) };
  }) as unknown as AnomalyMaps;
}
