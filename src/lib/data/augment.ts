import { Random } from '../random/random';
import { CONCURRENCY } from './load-images';
import type { ImageStack, LoadImagesOptions } from './load-images';
import { forEachConcurrently } from './for-each-concurrently';
import { loadRgb } from './image';
import type { RgbImage } from './image';
import { checkSize } from './image-size';
import { resample } from './resample';
import type { Sample } from './sample';

/** The smallest crop, as a share of the image's side. */
const SMALLEST_CROP = 0.6;

/** The part of an image from (left, top), after quarter turns and a flip. */
function view(
  image: RgbImage,
  [left, top, width, height]: [number, number, number, number],
  turns: number,
  flipped: boolean,
): RgbImage {
  const upright = turns % 2 === 0;
  const [outWidth, outHeight] = upright ? [width, height] : [height, width];
  const data = new Uint8Array(outWidth * outHeight * 3);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const u = flipped ? outWidth - 1 - x : x;
      // Where the pixel was before `turns` quarter turns counterclockwise.
      const [fromX, fromY] = [
        [u, y],
        [width - 1 - y, u],
        [width - 1 - u, height - 1 - y],
        [y, height - 1 - u],
      ][turns];
      const from = ((top + fromY) * image.width + left + fromX) * 3;
      const to = (y * outWidth + x) * 3;
      for (let channel = 0; channel < 3; channel++) data[to + channel] = image.data[from + channel];
    }
  }
  return { width: outWidth, height: outHeight, data };
}

/**
 * Makes a larger set of train images from few: each is a random crop (from 0.6 of the side up) of one of the files at
 * its full resolution, turned by a random number of quarter turns and flipped or not, then resized. For textures, which
 * have no upright position. The files take turns; a copy depends on the seed and its number alone.
 *
 * @param count how many images to make
 * @throws ImageFileError for a file that cannot be used
 */
export async function loadAugmented(
  samples: readonly Pick<Sample, 'file'>[],
  count: number,
  seed: number,
  options: LoadImagesOptions,
): Promise<ImageStack> {
  const { size, filter, onProgress, signal } = options;
  checkSize(size);
  const [width, height] = size;
  const length = width * height * 3;
  const data = new Uint8Array(count * length);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (s) => {
    signal?.throwIfAborted();
    const image = await loadRgb(samples[s].file);
    for (let i = s; i < count; i += samples.length) {
      signal?.throwIfAborted();
      const random = Random.fromSeed(seed).fork(`augmented image ${i}`);
      const share = random.uniform(SMALLEST_CROP, 1);
      const [cropWidth, cropHeight] = [image.width, image.height].map((side) =>
        Math.max(1, Math.round(side * share)),
      );
      const left = random.int(image.width - cropWidth + 1);
      const top = random.int(image.height - cropHeight + 1);
      const part = view(
        image,
        [left, top, cropWidth, cropHeight],
        random.int(4),
        random.int(2) === 1,
      );
      data.set(resample(part.data, [part.width, part.height], size, filter), i * length);
      onProgress?.(++done, count);
      await new Promise(setImmediate);
    }
  });
  return { count, width, height, data };
}
