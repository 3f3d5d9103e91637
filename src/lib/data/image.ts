import { decode } from './decode';
import { checkSize, ImageSize } from './image-size';
import { resample, ResizeFilter } from './resample';

/** A colour picture: 8 bits a channel, rows from the top, red, green and blue interleaved. */
export interface RgbImage {
  width: number;
  height: number;
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
  const image = await decode(file);
  const [width, height] = options.size ?? [image.width, image.height];
  const data = resample(
    image.data as Uint8Array,
    [image.width, image.height],
    [width, height],
    options.filter,
  );
  return { width, height, data };
}
