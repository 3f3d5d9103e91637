import type { ImageStack } from '../data/image';
import type { ImageSize } from '../metrics/scores';
import { imageScore, nanInMap } from './map-values';

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

/** Why one picture cannot be judged, while others can: what was expected of it, or of its map and score, and what was found. */
export class PictureFault extends RangeError {
  override name = 'PictureFault';

  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`Expected ${expected}, found ${found}.`);
  }
}

/**
 * What is wrong with a detector's answer: anything but a finite score, with a map of finite numbers of the image's size.
 * No such answer is a verdict: of NaN and of -Infinity a threshold would say "good".
 *
 * @param counts row-major, 1 where the map counts: elsewhere it may be anything. Default: it counts everywhere
 * @returns null where nothing is wrong
 */
export function detectionFault(
  detection: Pick<Detection, 'score' | 'map'> | undefined,
  { height, width }: ImageSize,
  counts?: Uint8Array,
): PictureFault | null {
  if (typeof detection?.score !== 'number') {
    return new PictureFault('a score from the detector', `${typeof detection?.score}`);
  }
  const { score, map } = detection;
  if (map !== null) {
    const pixels = height * width;
    if (!(map instanceof Float32Array) || map.length !== pixels) {
      const found = map instanceof Float32Array ? `${map.length} values` : 'something else';
      return new PictureFault(`an anomaly map of ${width} x ${height} = ${pixels} values`, found);
    }
    const nan = nanInMap(map, width, counts);
    if (nan !== null) return new PictureFault('an anomaly map of numbers', nan);
    const infinite = map.find((value, i) => !Number.isFinite(value) && counts?.[i] !== 0);
    if (infinite !== undefined) {
      return new PictureFault('an anomaly map of finite numbers', `${infinite}`);
    }
  }
  return Number.isFinite(score) ? null : new PictureFault('a finite score', `${score}`);
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
