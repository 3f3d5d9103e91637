import { checkSize, openImage } from './decode';
import type { ImageSize } from './decode';
import { CONCURRENCY, forEachConcurrently, loadImages, loadRgb } from './image';
import type { ImageStack, LoadImagesOptions, RgbImage } from './image';
import { loadMasks, resizeMask } from './mask';
import type { LoadMasksOptions, Mask, MaskStack } from './mask';
import { resample } from './resample';
import type { ResizeFilter } from './resample';
import type { Sample } from './sample';

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

/** Zeros of an array's kind; pixels from a file may be a Buffer, which is made otherwise. */
export function arrayLike<T extends Uint8Array | Float32Array>(array: T, length: number): T {
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

/** A picture's mask in the detector's frame, resized as others are; the padding is 0. */
export function frameMask(mask: Mask, { frame, seen, place }: Framing): Mask {
  const { height, width } = seen;
  const part = resizeMask({ height, width, data: cut(mask.data, mask, seen, 1) }, place).mask;
  const data = new Uint8Array(frame.height * frame.width);
  put(part.data, data, frame, place, 1);
  return { ...frame, data };
}

/** 1 where the frame shows the picture, 0 in the padding; null without padding. */
export function regionOf({ frame, place }: Framing): Uint8Array | null {
  if (isWhole(place, frame)) return null;
  const region = new Uint8Array(frame.height * frame.width);
  put(new Uint8Array(place.height * place.width).fill(1), region, frame, place, 1);
  return region;
}

/**
 * A map of the frame in the picture's own size: enlarged bilinearly with half-pixel centres, the padding cut off.
 *
 * @param map row-major, of the frame's size
 * @returns row-major, of the picture's size; NaN where the picture was not looked at
 */
export function mapInPicture(
  map: Float32Array,
  { picture, frame, seen, place }: Framing,
): Float32Array {
  if (map.length !== frame.height * frame.width) {
    throw new RangeError(
      `Expected a map of ${frame.width} x ${frame.height} pixels, found ${map.length} values.`,
    );
  }
  const enlarged = bilinear(cut(map, frame, place, 1), place, seen);
  if (isWhole(seen, picture)) return enlarged;
  const result = new Float32Array(picture.height * picture.width).fill(NaN);
  put(enlarged, result, picture, seen, 1);
  return result;
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

/** Pictures in a detector's frame as one stack, which says what of it is padding. */
export function stackFrames(
  pictures: readonly RgbImage[],
  framings: readonly Framing[],
  { height, width }: ImageSize,
): ImageStack {
  const pixels = height * width;
  const data = new Uint8Array(pictures.length * pixels * 3);
  pictures.forEach((picture, i) => data.set(picture.data, i * pixels * 3));
  const regions = framings.map(regionOf);
  const stack = { count: pictures.length, height, width, data };
  if (regions.every((region) => region === null)) return stack;
  const region = new Uint8Array(pictures.length * pixels).fill(1);
  regions.forEach((each, i) => each && region.set(each, i * pixels));
  return { ...stack, region };
}

export interface LoadFramesOptions extends LoadImagesOptions {
  /** Default 'stretch'. */
  fit?: Fit;
}

/**
 * Decodes many pictures into a detector's frame, in the order of the samples; the stack says what of it is padding.
 *
 * @throws ImageFileError for the first file that cannot be used
 */
export async function loadFrames(
  samples: readonly Pick<Sample, 'file'>[],
  { fit = 'stretch', ...options }: LoadFramesOptions,
): Promise<ImageStack> {
  if (fit === 'stretch') return loadImages(samples, options);
  const { size, filter, valueRange, onProgress, signal } = options;
  checkSize(size);
  const pixels = size.height * size.width;
  const data = new Uint8Array(samples.length * pixels * 3);
  const region = new Uint8Array(samples.length * pixels).fill(1);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const picture = await loadRgb(samples[i].file, { valueRange });
    const framing = framingOf(picture, size, fit);
    data.set(framePicture(picture, framing, filter).data, i * pixels * 3);
    const shown = regionOf(framing);
    if (shown) region.set(shown, i * pixels);
    onProgress?.(++done, samples.length);
  });
  const stack = { count: samples.length, height: size.height, width: size.width, data };
  return region.includes(0) ? { ...stack, region } : stack;
}

/** Masks in a detector's frame, and how much of each defect is not in it. */
export interface FramedMasks extends MaskStack {
  /** Of each sample, the share of its mask's defect pixels that is not looked at; 0 without a mask. */
  defectUnseen: Float64Array;
}

/**
 * Reads the masks of many samples into a detector's frame, as `loadMasks` does.
 */
export async function loadFramedMasks(
  samples: readonly Pick<Sample, 'file' | 'label' | 'maskFile'>[],
  { fit = 'stretch', ...options }: LoadMasksOptions & Pick<LoadFramesOptions, 'fit'>,
): Promise<FramedMasks> {
  const defectUnseen = new Float64Array(samples.length);
  if (fit === 'stretch') return { ...(await loadMasks(samples, options)), defectUnseen };
  const { size, onProgress, signal } = options;
  checkSize(size);
  const pixels = size.height * size.width;
  const data = new Uint8Array(samples.length * pixels);
  const known = new Uint8Array(samples.length);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const sample = samples[i];
    const mask =
      sample.maskFile === null ? null : await nativeMask(sample, await openImage(sample.file));
    if (mask) {
      const framing = framingOf(mask, size, fit);
      data.set(frameMask(mask, framing).data, i * pixels);
      defectUnseen[i] = shareOutside(mask, framing.seen);
    }
    known[i] = sample.label === 0 || mask !== null ? 1 : 0;
    onProgress?.(++done, samples.length);
  });
  const { height, width } = size;
  return { count: samples.length, height, width, data, known, defectUnseen };
}

/** A sample's mask at the size of its picture; null without one, and for one that cannot be used (`loadMasks`). */
export async function nativeMask(
  sample: Pick<Sample, 'file' | 'label' | 'maskFile'>,
  { height, width }: ImageSize,
): Promise<Mask | null> {
  if (sample.maskFile === null) return null;
  const { data, known } = await loadMasks([sample], { size: { height, width } });
  return known[0] === 1 && sample.label === 1 ? { height, width, data } : null;
}

/** The share of a mask's defect pixels outside a box; 0 for an empty mask. */
function shareOutside(mask: Mask, box: Box): number {
  const count = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0);
  const all = count(mask.data);
  return all === 0 ? 0 : 1 - count(cut(mask.data, mask, box, 1)) / all;
}
