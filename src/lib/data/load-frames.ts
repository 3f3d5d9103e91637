import { checkSize, openImage } from './decode';
import { ImageFileError } from '../files/file-error';
import type { ImageSize } from '../metrics/scores';
import { cut, framePicture, framingOf, put, regionOf } from './frame';
import type { Box, Fit, Framing } from './frame';
import { CONCURRENCY, forEachConcurrently, loadImages, loadRgb } from './image';
import type { ImageStack, LoadImagesOptions } from './image';
import { loadMasks, resizeMask } from './mask';
import type { LoadMasksOptions, Mask, MaskStack } from './mask';
import type { RegionOfInterest } from './region-of-interest';
import { regionOfPicture } from './regions-of-pictures';
import type { Sample } from './sample';

export interface LoadFramesOptions extends LoadImagesOptions {
  /** Default 'stretch'. */
  fit?: Fit;
  /** What counts of the pictures that have no region of their own (`Sample.regionFile`). Default: all. */
  roi?: RegionOfInterest | null;
}

/** A picture in a file, and perhaps what counts of it. */
export type PictureFile = Pick<Sample, 'file' | 'regionFile'>;

/**
 * Decodes many pictures into a detector's frame, in the order of the samples; the stack says what of it counts: neither
 * padding nor what lies outside a region of interest.
 *
 * @throws ImageFileError for the first file that cannot be used, or of which nothing that counts is in the frame
 */
export async function loadFrames(
  samples: readonly PictureFile[],
  { fit = 'stretch', roi = null, ...options }: LoadFramesOptions,
): Promise<ImageStack> {
  const hasRegions = roi !== null || samples.some(({ regionFile }) => regionFile !== undefined);
  if (fit === 'stretch' && !hasRegions) return loadImages(samples, options);
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
    const counts = regionOf(framing, await regionOfPicture(samples[i], picture, roi));
    if (counts) region.set(counts, i * pixels);
    if (counts?.includes(1) === false) throw nothingInFrame(samples[i].file);
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
 * Reads the masks of many samples into a detector's frame, as `loadMasks` does. Of a region of interest, what lies outside
 * is 0; a mask of which nothing lies inside is not known.
 */
export async function loadFramedMasks(
  samples: readonly (PictureFile & Pick<Sample, 'label' | 'maskFile'>)[],
  {
    fit = 'stretch',
    roi = null,
    ...options
  }: LoadMasksOptions & Pick<LoadFramesOptions, 'fit' | 'roi'>,
): Promise<FramedMasks> {
  const defectUnseen = new Float64Array(samples.length);
  const hasRegions = roi !== null || samples.some(({ regionFile }) => regionFile !== undefined);
  if (fit === 'stretch' && !hasRegions) {
    return { ...(await loadMasks(samples, options)), defectUnseen };
  }
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
    let isOutside = false;
    if (mask) {
      const framing = framingOf(mask, size, fit);
      const region = await regionOfPicture(sample, mask, roi);
      const counted = region ? { ...mask, data: both(mask.data, region.data) } : mask;
      isOutside = region !== null && !counted.data.includes(1);
      data.set(frameMask(counted, framing).data, i * pixels);
      defectUnseen[i] = shareOutside(mask, counted, framing.seen);
    }
    known[i] = sample.label === 0 || (mask !== null && !isOutside) ? 1 : 0;
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

/** Where both are 1. */
export function both(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((value, i) => value & b[i]);
}

/** The share of a mask's defect pixels that are not among those that count, or outside a box; 0 for an empty mask. */
export function shareOutside(mask: Mask, counted: Mask, box: Box): number {
  const count = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0);
  const all = count(mask.data);
  return all === 0 ? 0 : 1 - count(cut(counted.data, counted, box, 1)) / all;
}

/** Of a picture whose region of interest has been cropped away. */
function nothingInFrame(file: string): ImageFileError {
  return new ImageFileError(
    file,
    'a picture whose region of interest is looked at',
    'one whose region lies where fit "crop" does not look',
  );
}

/** A picture's mask in the detector's frame, resized as others are; the padding is 0. */
export function frameMask(mask: Mask, { frame, seen, place }: Framing): Mask {
  const { height, width } = seen;
  const part = resizeMask({ height, width, data: cut(mask.data, mask, seen, 1) }, place).mask;
  const data = new Uint8Array(frame.height * frame.width);
  put(part.data, data, frame, place, 1);
  return { ...frame, data };
}
