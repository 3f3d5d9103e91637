import type { ImageStack } from '../data/image';
import { imageScore } from './map-values';

/** What a detector says of one image; maps are row-major, at the image size. */
export interface Detection {
  /** The higher, the more anomalous. */
  score: number;
  /** NaN where the image does not count (`ImageStack.region`). Null from a method that judges whole images only. */
  map: Float32Array | null;
  /** Upsampled maps of levels 1 to 3; empty unless asked for, and from a method without levels. */
  levelMaps: Float32Array[];
}

/** Of a method that judges pixels. */
export type PixelDetection = Detection & { map: Float32Array };

/** @throws TypeError for a detection of a method that judges whole images only */
export function mapOf({ map }: Pick<Detection, 'map'>): Float32Array {
  if (map) return map;
  throw new TypeError('Expected an anomaly map; this method judges whole images and has none.');
}

/** Of a detector that cannot leave anything of an image out. */
export const SCORE_NOT_LARGEST =
  'Expected a score that is the largest value of its map, as some of the image does not count, found another.';

/**
 * What a detector says of that part of an image that counts: elsewhere the maps are NaN, for nothing is said of it, and
 * the score is the largest value of the rest. Without a region the detection itself.
 *
 * @throws TypeError for a detection whose score is not the largest value of its map: nothing can be left out of that
 */
export function withinRegion<D extends Detection>(
  detection: D,
  { region, height, width }: ImageStack,
  index: number,
): D {
  const counts = region?.subarray(index * height * width, (index + 1) * height * width);
  if (!counts?.includes(0)) return detection;
  const map = mapOf(detection);
  // A broken one, which its NaN gives away.
  if (Number.isNaN(detection.score)) return detection;
  if (detection.score !== imageScore(map)) {
    throw new TypeError(SCORE_NOT_LARGEST);
  }
  const inside = (values: Float32Array) => values.map((value, i) => (counts[i] ? value : NaN));
  const score = imageScore(map.filter((_, i) => counts[i] === 1));
  return { ...detection, score, map: inside(map), levelMaps: detection.levelMaps.map(inside) };
}
