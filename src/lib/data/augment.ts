import type { Region } from 'sharp';
import { Random } from '../random/random';
import { CONCURRENCY, forEachConcurrently, loadRgb } from './image';
import type { ImageStack, LoadImagesOptions, RgbImage } from './image';
import { checkSize } from './decode';
import { resample } from './resample';
import type { Sample } from './sample';
import { loadSharp } from './sharp';

/** The smallest crop, as a share of the image's side. */
const SMALLEST_CROP = 0.6;

/** A part of an image, after quarter turns counterclockwise and then, perhaps, a flip from left to right. */
async function view(
  { height, width, data }: RgbImage,
  crop: Region,
  turns: number,
  flipped: boolean,
): Promise<RgbImage> {
  const part = await loadSharp()(data, { raw: { height, width, channels: 3 } })
    .extract(crop)
    // sharp turns clockwise, and flips first: what is flipped turns the other way round.
    .flop(flipped)
    .rotate(flipped ? 90 * turns : -90 * turns)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { height: part.info.height, width: part.info.width, data: part.data };
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
  const { size, filter, valueRange, onProgress, signal } = options;
  checkSize(size);
  const { height, width } = size;
  const length = height * width * 3;
  const data = new Uint8Array(count * length);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (s) => {
    signal?.throwIfAborted();
    const image = await loadRgb(samples[s].file, { valueRange });
    for (let i = s; i < count; i += samples.length) {
      signal?.throwIfAborted();
      const random = Random.fromSeed(seed).fork(`augmented image ${i}`);
      const share = random.uniform(SMALLEST_CROP, 1);
      const shorten = (side: number) => Math.max(1, Math.round(side * share));
      const crop = { height: shorten(image.height), width: shorten(image.width) };
      const left = random.int(image.width - crop.width + 1);
      const top = random.int(image.height - crop.height + 1);
      const turns = random.int(4);
      const flipped = random.int(2) === 1;
      const part = await view(image, { left, top, ...crop }, turns, flipped);
      data.set(resample(part.data, part, size, filter), i * length);
      onProgress?.(++done, count);
      await new Promise(setImmediate);
    }
  });
  return { count, height, width, data };
}
