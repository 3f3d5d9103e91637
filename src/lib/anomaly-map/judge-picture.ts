import { framePicture, framingOf, mapInPicture, regionOf, shareSeen } from '../data/frame';
import type { RgbImage } from '../data/image';
import { sizeOf } from '../models/image-size';
import { nanInMap } from './anomaly-map';
import { withinRegion } from './detect';
import type { AnomalyDetector, DetectOptions } from './detect';
import { detectTiled } from './tiles';

/** What a detector says of a whole picture. */
export interface PictureDetection {
  /** The higher, the more anomalous. */
  score: number;
  /**
   * Row-major, in the picture's own size; NaN where it was not looked at. Null from a method that judges whole images only.
   */
  map: Float32Array | null;
  /** The share of the picture's pixels that was not looked at, and of which the score says nothing; from 0 to below 1. */
  unseen: number;
}

/**
 * Whether a detector sees a picture as a square and whole: the square's map then is all there is to know.
 */
export function isPlain({
  imageSize,
  fit = 'stretch',
  tileOverlap = null,
}: AnomalyDetector): boolean {
  return typeof imageSize === 'number' && fit === 'stretch' && tileOverlap === null;
}

/**
 * Judges a picture of any size and shape as the detector was made for: brought to its size, or tile by tile.
 *
 * @param picture in its own size
 * @throws RangeError where the detector's map contains NaN; the signal's reason
 */
export async function judgePicture(
  detector: AnomalyDetector,
  picture: RgbImage,
  options: Pick<DetectOptions, 'signal' | 'onProgress'> = {},
): Promise<PictureDetection> {
  const { imageSize, fit = 'stretch', resizeFilter, tileOverlap = null } = detector;
  if (tileOverlap !== null) {
    const { score, map } = await detectTiled(detector, picture, tileOverlap, options);
    return { score, map, unseen: 0 };
  }
  const framing = framingOf(picture, sizeOf(imageSize), fit);
  const stack = { count: 1, ...framePicture(picture, framing, resizeFilter) };
  const region = regionOf(framing) ?? undefined;
  // Without the region, so that the map can be enlarged up to its edge.
  const [detection] = await detector.detect(stack, { signal: options.signal });
  const nan = detection.map && nanInMap(detection.map, stack.width);
  if (nan !== null || Number.isNaN(detection.score)) {
    throw new RangeError(`Expected an anomaly map of numbers, found ${nan ?? 'NaN as its score'}.`);
  }
  const { score } = withinRegion(detection, { ...stack, region }, 0);
  return {
    score,
    map: detection.map && mapInPicture(detection.map, framing),
    unseen: 1 - shareSeen(framing),
  };
}
