/** The size of each image in a stack, [images, height, width] row-major. */
export interface ImageSize {
  width: number;
  height: number;
}

/**
 * The number of images in a stack of pixels.
 *
 * @throws RangeError if the size is not of positive integers, or the pixels are no whole number of
 *   images
 */
export function stackedImages(pixels: number, { width, height }: ImageSize): number {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Expected a positive integer as ${name}, found ${value}.`);
    }
  }
  const images = pixels / (width * height);
  if (!Number.isInteger(images)) {
    throw new RangeError(
      `Expected whole images of ${width} x ${height} = ${width * height} pixels, found ${pixels} pixels.`,
    );
  }
  return images;
}
