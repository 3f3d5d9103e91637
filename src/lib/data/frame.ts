import type { ImageSize } from '../metrics/scores';
import type { RgbImage } from './image';
import type { Mask } from './mask';
import { resample } from './resample';
import type { ResizeFilter } from './resample';

/**
 * How a picture comes to the detector's size. 'stretch': as a whole, whatever that does to its shape. 'pad': as a whole,
 * in its own shape, in the middle of a frame whose rest counts nowhere. 'crop': its middle, in its own shape; the border
 * that is left over is not looked at.
 */
export type Fit = 'stretch' | 'pad' | 'crop';
export const FITS = ['stretch', 'pad', 'crop'] as const satisfies readonly Fit[];

/** A rectangle of whole pixels. */
export interface Box extends ImageSize {
  left: number;
  top: number;
}

/** Which part of a picture is where in a detector's frame. */
export interface Framing {
  picture: ImageSize;
  frame: ImageSize;
  /** The part of the picture that is looked at, in its pixels. */
  seen: Box;
  /** Where it lies in the frame, in the frame's pixels. */
  place: Box;
}

/** What surrounds a padded picture: ImageNet's mean colour, to the networks as good as the zeros beyond an image's edge. */
const PADDING = [124, 116, 104] as const;

const whole = ({ height, width }: ImageSize): Box => ({ left: 0, top: 0, height, width });

/** A rectangle of this size in the middle; half a pixel too many goes to the right and below. */
function middle(of: ImageSize, { height, width }: ImageSize): Box {
  const left = Math.floor((of.width - width) / 2);
  const top = Math.floor((of.height - height) / 2);
  return { left, top, height, width };
}

/** The largest size of these proportions inside another, in whole pixels, at least one. */
function largestInside(outer: ImageSize, proportions: ImageSize): ImageSize {
  const scale = Math.min(outer.width / proportions.width, outer.height / proportions.height);
  const side = (length: number, most: number) =>
    Math.min(most, Math.max(1, Math.round(length * scale)));
  return {
    height: side(proportions.height, outer.height),
    width: side(proportions.width, outer.width),
  };
}

/** Where a picture of this size goes. @param frame the detector's size */
export function framingOf(picture: ImageSize, frame: ImageSize, fit: Fit): Framing {
  const sizes = { picture: sizeAlone(picture), frame: sizeAlone(frame) };
  switch (fit) {
    case 'stretch':
      return { ...sizes, seen: whole(picture), place: whole(frame) };
    case 'pad':
      return {
        ...sizes,
        seen: whole(picture),
        place: middle(frame, largestInside(frame, picture)),
      };
    case 'crop':
      return {
        ...sizes,
        seen: middle(picture, largestInside(picture, frame)),
        place: whole(frame),
      };
  }
}

const sizeAlone = ({ height, width }: ImageSize): ImageSize => ({ height, width });

const isWhole = (box: Box, { height, width }: ImageSize) =>
  box.height === height && box.width === width;

/** The share of a picture's pixels that is looked at, from 0 to 1. */
export function shareSeen({ seen, picture }: Framing): number {
  return (seen.height * seen.width) / (picture.height * picture.width);
}

/** The share of a region's pixels that is looked at, from 0 to 1. @param roi of the picture, not empty */
export function shareOfRegionSeen({ seen }: Framing, roi: Mask): number {
  const count = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0);
  return count(cut(roi.data, roi, seen, 1)) / count(roi.data);
}

/** Zeros of an array's kind; pixels from a file may be a Buffer, which is made otherwise. */
function arrayLike<T extends Uint8Array | Float32Array>(array: T, length: number): T {
  return (array instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length)) as T;
}

/** A part of rows of pixels, copied; the whole is given as it is. */
export function cut<T extends Uint8Array | Float32Array>(
  data: T,
  from: ImageSize,
  box: Box,
  channels: number,
): T {
  if (isWhole(box, from)) return data;
  const length = box.width * channels;
  const part = arrayLike(data, box.height * length);
  for (let row = 0; row < box.height; row++) {
    const start = ((box.top + row) * from.width + box.left) * channels;
    part.set(data.subarray(start, start + length), row * length);
  }
  return part;
}

/** The inverse of `cut`: writes a part into its place. */
export function put<T extends Uint8Array | Float32Array>(
  part: T,
  into: T,
  size: ImageSize,
  box: Box,
  channels: number,
): void {
  const length = box.width * channels;
  for (let row = 0; row < box.height; row++) {
    const start = ((box.top + row) * size.width + box.left) * channels;
    into.set(part.subarray(row * length, (row + 1) * length), start);
  }
}

/** A picture in the detector's frame. */
export function framePicture(
  picture: RgbImage,
  { frame, seen, place }: Framing,
  filter?: ResizeFilter,
): RgbImage {
  const part = resample(cut(picture.data, picture, seen, 3), seen, place, filter);
  if (isWhole(place, frame)) return { ...frame, data: part };
  const data = new Uint8Array(frame.height * frame.width * 3);
  for (let i = 0; i < data.length; i++) data[i] = PADDING[i % 3];
  put(part, data, frame, place, 3);
  return { ...frame, data };
}

/**
 * 1 where the frame shows what counts of the picture, 0 in the padding and outside the region of interest; null where all
 * of it counts. A pixel of the frame counts if anything that counts lies in it, so that nothing of the region is passed over.
 *
 * @param roi what counts of the picture, at the picture's size. Default: all
 */
export function regionOf(
  { frame, seen, place }: Framing,
  roi: Mask | null = null,
): Uint8Array | null {
  if (roi === null && isWhole(place, frame)) return null;
  const region = new Uint8Array(frame.height * frame.width);
  const part =
    roi === null
      ? new Uint8Array(place.height * place.width).fill(1)
      : anyOfCells(cut(roi.data, roi, seen, 1), seen, place);
  put(part, region, frame, place, 1);
  return region.includes(0) ? region : null;
}

/** A mask at another size: 1 in each cell that a pixel which is 1 lies in, or that lies in such a pixel. */
function anyOfCells(mask: Uint8Array, from: ImageSize, to: ImageSize): Uint8Array {
  const result = new Uint8Array(to.height * to.width);
  const [rows, columns] = [cellsOf(from.height, to.height), cellsOf(from.width, to.width)];
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < from.width; x++) {
      if (mask[y * from.width + x] === 0) continue;
      for (let row = rows.first[y]; row <= rows.last[y]; row++) {
        const start = row * to.width;
        result.fill(1, start + columns.first[x], start + columns.last[x] + 1);
      }
    }
  }
  return result;
}

/** Of each input position, the output positions that begin and end where it lies: one of fewer, several of more. */
function cellsOf(from: number, to: number): { first: Int32Array; last: Int32Array } {
  const first = Int32Array.from({ length: from }, (_, i) => Math.floor((i * to) / from));
  const last = first.map((cell, i) => Math.max(cell, Math.ceil(((i + 1) * to) / from) - 1));
  return { first, last };
}

/**
 * A map of the frame in the picture's own size: enlarged bilinearly with half-pixel centres, the padding cut off. What
 * lies outside the region of interest changes no value inside.
 *
 * @param map row-major, of the frame's size
 * @param roi what counts of the picture, at the picture's size. Default: all
 * @returns row-major, of the picture's size; NaN where the picture was not looked at, or does not count
 */
export function mapInPicture(
  map: Float32Array,
  framing: Framing,
  roi: Mask | null = null,
): Float32Array {
  const { picture, frame, seen, place } = framing;
  if (map.length !== frame.height * frame.width) {
    throw new RangeError(
      `Expected a map of ${frame.width} x ${frame.height} pixels, found ${map.length} values.`,
    );
  }
  const region = roi && regionOf(framing, roi);
  const part = cut(map, frame, place, 1);
  const enlarged = region
    ? bilinearOfCounted(part, cut(region, frame, place, 1), place, seen)
    : bilinear(part, place, seen);
  const isSeenWhole = isWhole(seen, picture);
  if (isSeenWhole && !region) return enlarged;
  let result = enlarged;
  if (!isSeenWhole) {
    result = new Float32Array(picture.height * picture.width).fill(NaN);
    put(enlarged, result, picture, seen, 1);
  }
  return roi ? withinMask(result, roi) : result;
}

/** Values, NaN where a mask of their size is 0. */
export function withinMask(values: Float32Array, { data }: Mask): Float32Array {
  return values.map((value, i) => (data[i] === 0 ? NaN : value));
}

/** As `bilinear`, of those values alone that count; NaN where none is near. */
function bilinearOfCounted(
  map: Float32Array,
  counts: Uint8Array,
  from: ImageSize,
  to: ImageSize,
): Float32Array {
  const shares = bilinear(Float32Array.from(counts), from, to);
  const values = bilinear(
    map.map((value, i) => (counts[i] ? value : 0)),
    from,
    to,
  );
  return values.map((value, i) => value / shares[i]);
}

/** Between which two input positions each output position lies, and how far it is from the first. */
function neighbours(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(at);
    return { first, second: Math.min(first + 1, from - 1), share: at - first };
  });
}

/** A map at another size, bilinearly with half-pixel centres, as the detectors' own maps are enlarged. */
export function bilinear(map: Float32Array, from: ImageSize, to: ImageSize): Float32Array {
  if (isWhole(whole(from), to)) return map;
  const result = new Float32Array(to.height * to.width);
  const columns = neighbours(from.width, to.width);
  neighbours(from.height, to.height).forEach(({ first, second, share }, y) => {
    const [upper, lower] = [first * from.width, second * from.width];
    columns.forEach((column, x) => {
      const along = (row: number) => {
        const [a, b] = [map[row + column.first], map[row + column.second]];
        return a + (b - a) * column.share;
      };
      const above = along(upper);
      result[y * to.width + x] = above + (along(lower) - above) * share;
    });
  });
  return result;
}

/** The size of what is reduced by a whole number. */
export const reducedSize = ({ height, width }: ImageSize, by: number): ImageSize => ({
  height: Math.ceil(height / by),
  width: Math.ceil(width / by),
});

/**
 * Cells of `by` x `by` values as one, the largest that is not NaN, which there is where nothing counts; those at the right
 * and lower edge may be cut off.
 */
export function largestOfCells<T extends Uint8Array | Float32Array>(
  values: T,
  size: ImageSize,
  by: number,
): T {
  if (by === 1) return values;
  const cells = reducedSize(size, by);
  const result = arrayLike(values, cells.height * cells.width);
  if (result instanceof Float32Array) result.fill(NaN);
  for (let y = 0; y < size.height; y++) {
    const row = Math.floor(y / by) * cells.width;
    for (let x = 0; x < size.width; x++) {
      const cell = row + Math.floor(x / by);
      const value = values[y * size.width + x];
      if (value > result[cell] || Number.isNaN(result[cell])) result[cell] = value;
    }
  }
  return result;
}
