import type { ImageSize } from '../data/decode';
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

/** The image's anomaly score: the largest value of its anomaly map (paper, section 2). NaN if any value is. */
export function imageScore(map: ArrayLike<number>): number {
  if (map.length === 0) throw new RangeError('An anomaly map without pixels has no score.');
  let score = -Infinity;
  for (let i = 0; i < map.length; i++) {
    if (!(map[i] <= score)) score = map[i];
    if (Number.isNaN(score)) return NaN;
  }
  return score;
}

/** The largest value of a map that is NaN where it does not count; -Infinity if it counts nowhere. */
export function largestCounted(map: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < map.length; i++) if (map[i] > largest) largest = map[i];
  return largest;
}

/**
 * The mean of the largest values of a map: an image score that no single pixel decides (DeSTSeg's, CVPR 2023, takes the
 * mean of the top 100 of 256 x 256 pixels). NaN if any value is.
 *
 * @param share of the pixels, above 0, up to 1; at least one is taken
 * @throws RangeError for a map without pixels, or another share
 */
export function topMean(map: ArrayLike<number>, share: number): number {
  if (map.length === 0) throw new RangeError('An anomaly map without pixels has no score.');
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`Expected a share above 0 and up to 1, found ${share}.`);
  }
  const sorted = Float32Array.from(map).sort();
  const count = Math.max(1, Math.round(share * map.length));
  return sorted.subarray(sorted.length - count).reduce((sum, value) => sum + value, 0) / count;
}

/**
 * What is wrong with a map that holds NaN, in words: "NaN in 3 of 64 pixels, first at x 2, y 1".
 *
 * @param region 1 where the map counts: elsewhere it may be NaN. Default: it counts everywhere
 * @returns null for a map without NaN
 */
export function nanInMap(map: Float32Array, width: number, region?: Uint8Array): string | null {
  const isNan = (value: number, i: number) => Number.isNaN(value) && region?.[i] !== 0;
  const first = map.findIndex(isNan);
  if (first < 0) return null;
  const count = map.reduce((sum, value, i) => sum + +isNan(value, i), 0);
  const place = `x ${first % width}, y ${Math.floor(first / width)}`;
  return `NaN in ${count} of ${map.length} pixels, first at ${place}`;
}
