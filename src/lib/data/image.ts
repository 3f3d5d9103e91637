import { stat } from 'node:fs/promises';
import { checkSize, decodeThen, openImage } from './decode';
import type { OpenedImage } from './decode';
import type { ImageSize } from '../metrics/scores';
import { InFlight } from './in-flight';
import { FILE_BYTES_IN_FLIGHT } from '../files/limits';
import { resample, ResizeFilter } from './resample';
import { Sample } from './sample';
import type { ValueRange } from './value-range';

/** A colour picture: 8 bits a channel, rows from the top, red, green and blue interleaved. */
export interface RgbImage extends ImageSize {
  /** [height, width, 3], length height * width * 3. */
  data: Uint8Array;
}

/** A picture that was read from a file. */
export interface LoadedRgb extends RgbImage {
  /** The size that it has in the file, upright. */
  original: ImageSize;
}

export interface LoadRgbOptions {
  /** Default: the image's own size. The aspect ratio is not kept: MVTec AD's images are square. */
  size?: ImageSize;
  /** Default `bilinear`, antialiased, as in PIL and torchvision. */
  filter?: ResizeFilter;
  /** The scale of pictures with more than 8 bits a channel, see `decode`. */
  valueRange?: ValueRange | null;
}

/**
 * Reads an image file of any kind (see `decode`) as RGB at the size asked for.
 *
 * @throws ImageFileError naming the file, what was expected and what was found
 */
export async function loadRgb(file: string, options: LoadRgbOptions = {}): Promise<LoadedRgb> {
  if (options.size) checkSize(options.size);
  // Whatever is wrong with the file, opening it says so.
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  return filesInFlight.run(size, async () => rgbOf(await openImage(file), options));
}

/** Whoever loads many at once, files wait for one another where they would take too much memory together. */
const filesInFlight = new InFlight(FILE_BYTES_IN_FLIGHT);

/** The same for an image whose header has been read. */
export async function rgbOf(image: OpenedImage, options: LoadRgbOptions = {}): Promise<LoadedRgb> {
  const { height, width } = options.size ?? image;
  const data = await decodeThen(image, options.valueRange ?? null, (pixels) =>
    resample(pixels, image, { height, width }, options.filter),
  );
  return { height, width, data, original: { height: image.height, width: image.width } };
}

/** Images decoded at once: enough to keep libvips' threads busy, few enough to bound the memory. */
export const CONCURRENCY = 4;

/** Pictures of one size, one after the other. */
export interface ImageStack extends ImageSize {
  count: number;
  /** RGB, [count, height, width, 3]. */
  data: Uint8Array;
  /** [count, height, width], with 1 where a pixel counts, 0 where it counts nowhere: in padding, for example. Left out: all count. */
  region?: Uint8Array;
}

export interface LoadImagesOptions {
  /** What all images are resized to. */
  size: ImageSize;
  /** Default `bilinear`. */
  filter?: ResizeFilter;
  /** The scale of pictures with more than 8 bits a channel, see `decode`. */
  valueRange?: ValueRange | null;
  onProgress?: (done: number, total: number) => void;
  /** Stops between two images, rejecting with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Decodes and resizes many images into one array, in the order of the samples.
 *
 * @throws ImageFileError for the first file that cannot be used
 */
export async function loadImages(
  samples: readonly Pick<Sample, 'file'>[],
  options: LoadImagesOptions,
): Promise<ImageStack> {
  const { size, filter, valueRange, onProgress, signal } = options;
  checkSize(size);
  const { height, width } = size;
  const length = height * width * 3;
  const data = new Uint8Array(samples.length * length);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const image = await loadRgb(samples[i].file, { size, filter, valueRange });
    data.set(image.data, i * length);
    onProgress?.(++done, samples.length);
  });
  return { count: samples.length, height, width, data };
}

/** One image of a stack: a view, not a copy. Throws RangeError for an index that is not there. */
export function imageOf({ count, height, width, data }: ImageStack, index: number): RgbImage {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`Expected the index of one of ${count} images, found ${index}.`);
  }
  const length = width * height * 3;
  return { height, width, data: data.subarray(index * length, (index + 1) * length) };
}

/** How many pixels of an image of a stack count. */
export function countedPixels({ height, width, region }: ImageStack, index: number): number {
  if (!region) return height * width;
  let count = 0;
  for (let i = index * height * width; i < (index + 1) * height * width; i++) count += region[i];
  return count;
}

/**
 * Awaits `visit` for every index below `count`, at most `limit` at a time, in order of start.
 * The first error ends it, once those already started have settled.
 */
export async function forEachConcurrently(
  count: number,
  limit: number,
  visit: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async () => {
    while (next < count && !failed) {
      try {
        await visit(next++);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(limit, count) }, worker);
  const results = await Promise.allSettled(workers);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
