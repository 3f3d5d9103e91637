import { decode, openImage } from './decode';
import type { OpenedImage } from './decode';
import { ImageFileError } from './image-file-error';
import { checkSize } from './image-size';
import type { ImageSize } from './image-size';

/** Ground truth at the pixel: 1 where the image is defective. */
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
 *   values above zero around a defect; for a mask of another size than its image, naming both
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
