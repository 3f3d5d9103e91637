import type { RgbImage } from '../data/image';
import { describeValue, ImageInputError } from './image-input';
import type { RawImage } from './image-input';

/**
 * Raw pixels as RGB.
 *
 * @throws ImageInputError where the data are not as many bytes as the shape says
 */
export function rgbOfRaw({ width, height, data, channels }: RawImage): RgbImage {
  const isSide = (side: number) => Number.isInteger(side) && side >= 1;
  if (!isSide(width) || !isSide(height)) {
    throw new ImageInputError(
      `Expected raw pixels with a width and a height of at least 1, found ${width} x ${height}.`,
    );
  }
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw new ImageInputError(
      `Expected raw pixels as Uint8Array or Uint8ClampedArray, 8 bits a channel, found ${describeValue(data)}.`,
    );
  }
  const count = channels ?? data.length / (width * height);
  if (![1, 3, 4].includes(count) || data.length !== width * height * count) {
    throw new ImageInputError(
      `Expected raw pixels of ${width} x ${height} with 1, 3 or 4 channels, ` +
        `found ${data.length} bytes${channels === undefined ? '' : ` and channels: ${channels}`}.`,
    );
  }
  if (count === 3)
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, from = 0; i < rgb.length; i += 3, from += count) {
    rgb[i] = data[from];
    rgb[i + 1] = data[count === 1 ? from : from + 1];
    rgb[i + 2] = data[count === 1 ? from : from + 2];
  }
  return { width, height, data: rgb };
}
