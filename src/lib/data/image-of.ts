import type { RgbImage } from './image';
import type { ImageStack } from './load-images';

/** One image of a stack: a view, not a copy. Throws RangeError for an index that is not there. */
export function imageOf({ count, height, width, data }: ImageStack, index: number): RgbImage {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`Image ${index} of a stack of ${count} images.`);
  }
  const length = width * height * 3;
  return { height, width, data: data.subarray(index * length, (index + 1) * length) };
}
