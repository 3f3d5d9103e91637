import { decode, openImage } from './decode';
import { checkSize } from './image-size';
import type { ImageSize } from './image-size';
import { resample, ResizeFilter } from './resample';

/** A colour picture: 8 bits a channel, rows from the top, red, green and blue interleaved. */
export interface RgbImage extends ImageSize {
  /** [height, width, 3], length height * width * 3. */
  data: Uint8Array;
}

export interface LoadRgbOptions {
  /** Default: the image's own size. The aspect is not kept: MVTec AD's images are square. */
  size?: ImageSize;
  /** Default `bilinear`, antialiased, as in PIL and torchvision. */
  filter?: ResizeFilter;
}

/**
 * Reads an image file of any kind (see `decode`) as RGB at the size asked for.
 *
 * @throws ImageFileError naming the file, what was expected and what was found
 */
export async function loadRgb(file: string, options: LoadRgbOptions = {}): Promise<RgbImage> {
  if (options.size) checkSize(options.size);
  const image = await openImage(file);
  const { height, width } = options.size ?? image;
  const data = resample(await decode(image), image, { height, width }, options.filter);
  return { height, width, data };
}
