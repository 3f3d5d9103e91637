import { forEachConcurrently } from './for-each-concurrently';
import { checkSize } from './image-size';
import type { ImageSize } from './image-size';
import { CONCURRENCY } from './load-images';
import { loadMask } from './mask';
import { Sample } from './sample';

/** Ground truths of one size, one after the other. */
export interface MaskStack extends ImageSize {
  count: number;
  /** 1 where defective, [count, height, width]; zeros for good images. */
  data: Uint8Array;
  /**
   * [count]: 1 where `data` is the truth (good images, defect images with a mask), 0 for a defect
   * image without a mask, which pixel metrics must leave out.
   */
  known: Uint8Array;
}

export interface LoadMasksOptions {
  size: ImageSize;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Reads the masks of many samples into one array, each checked against its image's native size.
 *
 * @throws ImageFileError for the first mask that cannot be used
 */
export async function loadMasks(
  samples: readonly Pick<Sample, 'file' | 'label' | 'maskFile'>[],
  options: LoadMasksOptions,
): Promise<MaskStack> {
  const { size, onProgress, signal } = options;
  checkSize(size);
  const { height, width } = size;
  const data = new Uint8Array(samples.length * height * width);
  const known = new Uint8Array(samples.length);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const { file, label, maskFile } = samples[i];
    if (maskFile !== null) {
      const mask = await loadMask(maskFile, { size, imageFile: file });
      data.set(mask.data, i * height * width);
    }
    known[i] = label === 0 || maskFile !== null ? 1 : 0;
    onProgress?.(++done, samples.length);
  });
  return { count: samples.length, height, width, data, known };
}
