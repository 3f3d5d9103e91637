import {
  framePicture,
  framingOf,
  mapInPicture,
  regionOf,
  shareOfRegionSeen,
  shareSeen,
} from '../data/frame';
import type { RgbImage } from '../data/image';
import type { Mask } from '../data/mask';
import { maskOfRegion, OWN_REGION_MISSING, regionFault } from '../data/region-mask';
import { sizeOf } from '../models/side-or-size';
import type { AnomalyDetector, DetectOptions } from './detect';
import { detectionFault, PictureFault, withinRegion } from './detection';
import { detectTiled } from './tiles';

/** What a detector says of a whole picture. */
export interface PictureDetection {
  /** The higher, the more anomalous. */
  score: number;
  /**
   * Row-major, in the picture's own size; NaN where it was not looked at. Null from a method that judges whole images only.
   */
  map: Float32Array | null;
  /**
   * The share of the picture's pixels that was not looked at, and of which the score says nothing; from 0 to below 1. Of a
   * region of interest: of its pixels, for what lies outside is not asked about.
   */
  unseen: number;
}

/**
 * Whether a detector sees a picture as a square and whole, all of which counts: the square's map then is all there is to
 * know.
 */
export function isPlain({
  imageSize,
  fit = 'stretch',
  tileOverlap = null,
  roi = null,
}: AnomalyDetector): boolean {
  const isWhole = fit === 'stretch' && tileOverlap === null && roi === null;
  return typeof imageSize === 'number' && isWhole;
}

export interface JudgePictureOptions extends Pick<DetectOptions, 'signal' | 'onProgress'> {
  /** What counts of this picture: 1 inside, at its size. Default: the detector's region for all pictures. */
  region?: Mask;
}

/** What counts of a picture; null where all of it does. */
function regionFor(
  { roi = null }: AnomalyDetector,
  picture: RgbImage,
  own: Mask | undefined,
): Mask | null {
  if (!own && roi?.of === 'each') {
    throw new PictureFault(...OWN_REGION_MISSING);
  }
  const shared = roi?.of === 'all' ? roi : null;
  const wanted = own ? { ...own, name: 'of its own' } : shared;
  const fault = wanted && regionFault(wanted, picture);
  if (fault) throw new PictureFault(...fault);
  const mask = own ?? (shared && maskOfRegion(shared));
  if (mask?.data.includes(1) === false) {
    throw new PictureFault('a region of interest with some of the picture in it', 'none');
  }
  return mask;
}

/**
 * Judges a picture of any size and shape as the detector was made for: brought to its size, or tile by tile.
 *
 * @param picture in its own size
 * @throws PictureFault where the detector's map or score is not finite, or for a picture that does not fit its region of
 *   interest or has none where each needs one; TypeError for a region with a detector whose scores are not the largest values of its maps;
 *   the signal's reason
 */
export async function judgePicture(
  detector: AnomalyDetector,
  picture: RgbImage,
  { region: own, ...options }: JudgePictureOptions = {},
): Promise<PictureDetection> {
  const { imageSize, fit = 'stretch', resizeFilter, tileOverlap = null } = detector;
  const roi = regionFor(detector, picture, own);
  if (tileOverlap !== null) {
    const { score, map } = await detectTiled(detector, picture, tileOverlap, { ...options, roi });
    return { score, map, unseen: 0 };
  }
  const framing = framingOf(picture, sizeOf(imageSize), fit);
  const stack = { count: 1, ...framePicture(picture, framing, resizeFilter) };
  const region = regionOf(framing, roi) ?? undefined;
  if (region?.includes(1) === false) {
    throw new PictureFault(`some of the region of interest where fit "${fit}" looks`, 'none');
  }
  // Without the region, so that the map can be enlarged up to its edge.
  const [detection] = await detector.detect(stack, { signal: options.signal });
  const fault = detectionFault(detection, stack);
  if (fault) throw fault;
  const { score } = withinRegion(detection, { ...stack, region }, 0);
  return {
    score,
    map: detection.map && mapInPicture(detection.map, framing, roi),
    unseen: 1 - (roi ? shareOfRegionSeen(framing, roi) : shareSeen(framing)),
  };
}
