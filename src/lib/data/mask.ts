import { checkSize, decode, ImageFileError, openImage } from './decode';
import type { ImageSize, OpenedImage } from './decode';
import { CONCURRENCY, forEachConcurrently } from './image';
import { Sample } from './sample';

/** Ground truth pixel by pixel: 1 where the image is defective. */
export interface Mask extends ImageSize {
  /** 0 or 1, row-major, length height * width. */
  data: Uint8Array;
}

export interface LoadMaskOptions {
  /** Default: the mask's own size. */
  size?: ImageSize;
  /** The image it belongs to: the mask must have exactly its native size. */
  imageFile?: string;
}

/**
 * Reads a ground-truth mask: defect where any colour channel is above zero (alpha does not count),
 * then nearest neighbour to the size asked for, as PIL's NEAREST picks.
 *
 * @throws ImageFileError for whatever `openImage` and `decode` refuse; for a JPEG, whose compression leaves
 *   values above zero around a defect; for a mask whose size differs from its image's, naming both
 */
export async function loadMask(file: string, options: LoadMaskOptions = {}): Promise<Mask> {
  if (options.size) checkSize(options.size);
  const mask = await openImage(file);
  if (mask.format === 'jpeg') {
    throw new ImageFileError(file, 'a mask in a lossless format (PNG, TIFF or BMP)', 'a JPEG');
  }
  if (options.imageFile) await checkSameSize(mask, options.imageFile);

  const pixels = await decode(mask, 16);
  const { height, width } = options.size ?? mask;
  const columns = nearest(mask.width, width);
  const rows = nearest(mask.height, height);
  const data = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (rows[y] * mask.width + columns[x]);
      const defect = pixels[at] > 0 || pixels[at + 1] > 0 || pixels[at + 2] > 0;
      data[y * width + x] = defect ? 1 : 0;
    }
  }
  return { height, width, data };
}

/** By the headers alone: a mask of another size may be far larger than its image. */
async function checkSameSize(mask: OpenedImage, imageFile: string): Promise<void> {
  const { height, width } = await openImage(imageFile);
  if (mask.width !== width || mask.height !== height) {
    throw new ImageFileError(
      mask.file,
      `the ${width} x ${height} pixels of its image ${imageFile}`,
      `${mask.width} x ${mask.height}`,
    );
  }
}

/** For each output position the input position under its centre. */
function nearest(inputSize: number, outputSize: number): Int32Array {
  return Int32Array.from({ length: outputSize }, (_, i) =>
    Math.floor(((i + 0.5) * inputSize) / outputSize),
  );
}

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
