import { cut, framingOf, framePicture, regionOf, withinMask } from '../data/frame';
import type { ImageSize } from '../metrics/scores';
import type { ImageStack, RgbImage } from '../data/image';
import type { Mask } from '../data/mask';
import { sizeOf } from '../models/side-or-size';
import type { AnomalyDetector, DetectOptions } from './detect';
import type { Detection } from './detection';
import { detectionFault, PictureFault, SCORE_NOT_LARGEST } from './detection';
import { imageScore, largestCounted } from './map-values';

/** Tiles along one axis of a picture, all of one length. */
export interface TileAxis {
  /** Where they begin, ascending; they cover the axis, and the last ends with it. */
  begins: number[];
  /** How much each counts at each of its positions, [tile][position]: at every position of the axis they add up to 1. */
  shares: Float64Array[];
}

/**
 * @param length of the picture
 * @param side of the tiles
 * @param overlap of neighbours, at least, below `side`
 */
export function tileAxis(length: number, side: number, overlap: number): TileAxis {
  const count = Math.max(1, Math.ceil((length - overlap) / (side - overlap)));
  // Spread evenly, so that no two tiles show nearly the same.
  const begins = Array.from({ length: count }, (_, i) =>
    count === 1 ? 0 : Math.round((i * (length - side)) / (count - 1)),
  );
  // Up and down in straight lines over the overlap, so that at a tile's edge, where the networks see least, the other counts.
  const weight = (position: number) =>
    Math.min(1, (position + 0.5) / overlap, (side - position - 0.5) / overlap);
  const sums = new Float64Array(Math.max(length, side));
  for (const begin of begins) {
    for (let i = 0; i < side; i++) sums[begin + i] += overlap === 0 ? 1 : weight(i);
  }
  const shares = begins.map((begin) =>
    Float64Array.from(
      { length: side },
      (_, i) => (overlap === 0 ? 1 : weight(i)) / sums[begin + i],
    ),
  );
  return { begins, shares };
}

/** A tile's pixels, and which of them count: neither padding, where the picture is smaller than a tile, nor outside `roi`. */
function tileOf(picture: RgbImage, left: number, top: number, size: ImageSize, roi: Mask | null) {
  const box = {
    left,
    top,
    height: Math.min(size.height, picture.height),
    width: Math.min(size.width, picture.width),
  };
  const part = { height: box.height, width: box.width, data: cut(picture.data, picture, box, 3) };
  const framing = {
    ...framingOf(part, size, 'stretch'),
    // At its own scale, in the upper left corner.
    place: { left: 0, top: 0, height: box.height, width: box.width },
  };
  const counts = roi && { ...part, data: cut(roi.data, roi, box, 1) };
  return { box, data: framePicture(part, framing).data, region: regionOf(framing, counts) };
}

/** Tiles that are judged together. */
const BATCH = 8;

/** The tiles at these places, as a stack. @param roi what counts of the picture. Default: all */
export function tileStack(
  picture: RgbImage,
  places: readonly { left: number; top: number }[],
  { height, width }: ImageSize,
  roi: Mask | null = null,
): ImageStack {
  const pixels = height * width;
  const data = new Uint8Array(places.length * pixels * 3);
  const region = new Uint8Array(places.length * pixels).fill(1);
  places.forEach(({ left, top }, i) => {
    const tile = tileOf(picture, left, top, { height, width }, roi);
    data.set(tile.data, i * pixels * 3);
    if (tile.region) region.set(tile.region, i * pixels);
  });
  const stack = { count: places.length, height, width, data };
  return region.includes(0) ? { ...stack, region } : stack;
}

/** Where a picture's tiles begin, row by row: those that show something that counts. @param roi default: all counts */
export function tilePlaces(
  picture: ImageSize,
  size: ImageSize,
  overlap: number,
  roi: Mask | null = null,
): { left: number; top: number }[] {
  const rows = tileAxis(picture.height, size.height, overlap).begins;
  const columns = tileAxis(picture.width, size.width, overlap).begins;
  const places = rows.flatMap((top) => columns.map((left) => ({ left, top })));
  return roi ? places.filter(({ left, top }) => isCounted(roi, left, top, size)) : places;
}

/** Whether anything of a tile counts. */
function isCounted(
  { data, width, height }: Mask,
  left: number,
  top: number,
  size: ImageSize,
): boolean {
  const right = Math.min(left + size.width, width);
  for (let y = top; y < Math.min(top + size.height, height); y++) {
    if (data.subarray(y * width + left, y * width + right).includes(1)) return true;
  }
  return false;
}

/**
 * Judges a picture of any size tile by tile, at its own resolution. The maps of tiles that overlap pass into each other
 * without a seam. The score is the largest value of the whole map, if a tile's is that of its own; else the largest of
 * the tiles' scores. Beyond picture and map it takes the memory of a few tiles.
 *
 * @returns the map in the picture's size, NaN outside `roi`; tiles that show nothing of it are passed over
 * @throws PictureFault naming the tile whose map or score is not finite; TypeError for scores that are not the largest values of maps, from
 *   which nothing can be left out
 */
export async function detectTiled(
  { detect, imageSize }: Pick<AnomalyDetector, 'detect' | 'imageSize'>,
  picture: RgbImage,
  overlap: number,
  {
    signal,
    onProgress,
    roi = null,
  }: Pick<DetectOptions, 'signal' | 'onProgress'> & { roi?: Mask | null } = {},
): Promise<Detection> {
  const size = sizeOf(imageSize);
  const pixels = size.height * size.width;
  const rows = tileAxis(picture.height, size.height, overlap);
  const columns = tileAxis(picture.width, size.width, overlap);
  const places = rows.begins
    .flatMap((top, row) => columns.begins.map((left, column) => ({ row, column, left, top })))
    .filter(({ left, top }) => !roi || isCounted(roi, left, top, size));
  const total = places.length;
  let map: Float32Array | null = null;
  let highest = -Infinity;
  let isMapScore = true;
  for (let start = 0; start < total; start += BATCH) {
    signal?.throwIfAborted();
    const tiles = places.slice(start, start + BATCH);
    const stack = tileStack(picture, tiles, size);
    const detections = await detect(stack, { batchSize: BATCH, signal });
    detections.forEach((detection, i) => {
      const { row, column, left, top } = tiles[i];
      const counts = stack.region?.subarray(i * pixels, (i + 1) * pixels);
      const fault = detectionFault(detection, size, counts);
      if (fault) {
        const { expected, found } = fault;
        throw new PictureFault(`${expected} in the tile at x ${left}, y ${top}`, found);
      }
      highest = Math.max(highest, detection.score);
      if (!detection.map) return;
      isMapScore &&= detection.score === largestCounted(detection.map);
      map ??= new Float32Array(picture.height * picture.width);
      const [ofRow, ofColumn] = [rows.shares[row], columns.shares[column]];
      const bottom = Math.min(size.height, picture.height);
      const right = Math.min(size.width, picture.width);
      for (let y = 0; y < bottom; y++) {
        const to = (top + y) * picture.width + left;
        for (let x = 0; x < right; x++) {
          map[to + x] += detection.map[y * size.width + x] * (ofRow[y] * ofColumn[x]);
        }
      }
    });
    onProgress?.(start + tiles.length, total);
  }
  if (roi?.data.includes(0)) {
    if (!map || !isMapScore) throw new TypeError(SCORE_NOT_LARGEST);
    map = withinMask(map, roi);
    return { score: largestCounted(map), map, levelMaps: [] };
  }
  const score = map && isMapScore ? imageScore(map) : highest;
  return { score, map, levelMaps: [] };
}
