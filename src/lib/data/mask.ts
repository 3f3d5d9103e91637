import { decode, imageSize } from './decode';
import { ImageFileError } from './image-file-error';
import { checkSize, ImageSize } from './image-size';

/** Ground truth at the pixel: 1 where the image is defective. */
export interface Mask {
  width: number;
  height: number;
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
 * @throws ImageFileError for whatever `decode` refuses; for a JPEG, whose compression leaves
 *   values above zero around a defect; for a mask of another size than its image, naming both
 */
export async function loadMask(file: string, options: LoadMaskOptions = {}): Promise<Mask> {
  if (options.size) checkSize(options.size);
  const mask = await decode(file, 16);
  if (mask.format === 'jpeg') {
    throw new ImageFileError(file, 'a mask in a lossless format (PNG, TIFF or BMP)', 'a JPEG');
  }
  if (options.imageFile) await checkSameSize(file, mask, options.imageFile);

  const [width, height] = options.size ?? [mask.width, mask.height];
  const columns = nearest(mask.width, width);
  const rows = nearest(mask.height, height);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (rows[y] * mask.width + columns[x]);
      const defect = mask.data[at] > 0 || mask.data[at + 1] > 0 || mask.data[at + 2] > 0;
      data[y * width + x] = defect ? 1 : 0;
    }
  }
  return { width, height, data };
}

async function checkSameSize(
  file: string,
  mask: { width: number; height: number },
  imageFile: string,
): Promise<void> {
  const [width, height] = await imageSize(imageFile);
  if (mask.width !== width || mask.height !== height) {
    throw new ImageFileError(
      file,
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
