import type { ImageSize } from '../data/image-size';
import { resizeBilinear, tf } from '../engine/index';
import type { Tensor3D } from '../engine/index';
import type { PyramidPair } from '../models/detector';
import { levelMap } from './level-map';

/**
 * Where the product of Eq. 2 is taken. 'image': each level goes straight to the image size, as the equation says.
 * 'level1': at the first level's resolution, and the product goes to the image size, as in the STFPM authors' code.
 */
export type ProductResolution = 'image' | 'level1';

/** Maps of a batch at the image size: [b, height, width]. */
export interface AnomalyMaps {
  /** Eq. 1 of levels 1 to 3, upsampled. */
  levels: [Tensor3D, Tensor3D, Tensor3D];
  /** Eq. 2, their product. */
  product: Tensor3D;
}

function upsample(map: Tensor3D, size: ImageSize): Tensor3D {
  return tf.squeeze(resizeBilinear(tf.expandDims(map, -1), size), [-1]);
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
      return { levels, product: tf.mul(tf.mul(levels[0], levels[1]), levels[2]) };
    }
    const [, height, width] = maps[0].shape;
    const [first, second, third] = maps.map((map) => upsample(map, { height, width }));
    return { levels, product: upsample(tf.mul(tf.mul(first, second), third), size) };
  }) as unknown as AnomalyMaps;
}
