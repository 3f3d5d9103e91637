/** The size of an image, or of each in a stack, in pixels. */
export interface ImageSize {
  height: number;
  width: number;
}

/**
 * The number of images in a stack of pixels, [images, height, width] row-major.
 *
 * @throws RangeError if the size is not of positive integers, or the pixels are no whole number of
 *   images
 */
export function stackedImages(pixels: number, { height, width }: ImageSize): number {
  for (const [name, value] of Object.entries({ height, width })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Expected a positive integer as ${name}, found ${value}.`);
    }
  }
  const images = pixels / (height * width);
  if (!Number.isInteger(images)) {
    throw new RangeError(
      `Expected whole images of ${width} x ${height} = ${height * width} pixels, found ${pixels} pixels.`,
    );
  }
  return images;
}
