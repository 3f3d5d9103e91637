import { forEachConcurrently } from './for-each-concurrently';
import { loadRgb } from './image';
import { checkSize } from './image-size';
import type { ImageSize } from './image-size';
import { ResizeFilter } from './resample';
import { Sample } from './sample';

/** Decoding at once: enough to keep libvips' threads busy, few enough to bound the memory. */
export const CONCURRENCY = 4;

/** Pictures of one size, one after the other. */
export interface ImageStack extends ImageSize {
  count: number;
  /** RGB, [count, height, width, 3]. */
  data: Uint8Array;
}

export interface LoadImagesOptions {
  /** What all images are resized to. */
  size: ImageSize;
  /** Default `bilinear`. */
  filter?: ResizeFilter;
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
  const { size, filter, onProgress, signal } = options;
  checkSize(size);
  const { height, width } = size;
  const length = height * width * 3;
  const data = new Uint8Array(samples.length * length);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const image = await loadRgb(samples[i].file, { size, filter });
    data.set(image.data, i * length);
    onProgress?.(++done, samples.length);
  });
  return { count: samples.length, height, width, data };
}
