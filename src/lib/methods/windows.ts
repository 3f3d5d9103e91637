import type { ImageSize } from '../metrics/scores';
import { imageOf } from '../data/image';
import type { ImageStack } from '../data/image';
import { resample } from '../data/resample';
import type { ResizeFilter } from '../data/resample';
import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { Random } from '../random/random';
import type { ImagesBatch } from '../training/recipe';
import type { BatchSource } from '../training/train';

/*
 * What generative networks see of the images: square windows of a fixed side, as numbers in a range of their own. A
 * window is a whole image that was resized to it, or one that was moved a little, or a part of a texture.
 */

/** A square part of an image. Where it reaches beyond the image, the image is mirrored, its border not repeated. */
export interface Window {
  /** Index of the image in its stack. */
  image: number;
  left: number;
  top: number;
  /** Left and right exchanged. */
  isFlipped?: boolean;
}

/** What bytes become: 0 and 255 in the networks' numbers. */
export type PixelRange = readonly [black: number, white: number];

/**
 * Images of a stack at another size.
 *
 * @param indices which ones; default all
 */
export function resizedStack(
  stack: ImageStack,
  size: ImageSize,
  filter: ResizeFilter,
  indices: readonly number[] = Array.from({ length: stack.count }, (_, i) => i),
): ImageStack {
  const { height, width } = size;
  const length = height * width * 3;
  const data = new Uint8Array(indices.length * length);
  indices.forEach((index, i) => {
    const image = imageOf(stack, index);
    data.set(resample(image.data, image, size, filter), i * length);
  });
  return { count: indices.length, height, width, data };
}

/**
 * The pixels of some windows, RGB.
 *
 * @param side of the windows, in pixels
 * @returns [windows.length, side, side, 3]
 * @throws RangeError for an image that is not there, or a window that reaches so far out that a mirror is not enough
 */
export function windowBatch(
  stack: ImageStack,
  windows: readonly Window[],
  side: number,
  [black, white]: PixelRange,
): Tensor4D {
  const scale = (white - black) / 255;
  const values = new Float32Array(windows.length * side * side * 3);
  let to = 0;
  for (const { image, left, top, isFlipped = false } of windows) {
    const { data, width, height } = imageOf(stack, image);
    const rows = mirrored(top, side, height);
    const columns = mirrored(left, side, width);
    if (isFlipped) columns.reverse();
    for (const row of rows) {
      for (const column of columns) {
        const from = 3 * (row * width + column);
        values[to++] = black + scale * data[from];
        values[to++] = black + scale * data[from + 1];
        values[to++] = black + scale * data[from + 2];
      }
    }
  }
  return tf.tensor4d(values, [windows.length, side, side, 3]);
}

/** The positions start, start + 1, ... along an axis, those beyond its ends mirrored. */
function mirrored(start: number, count: number, size: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const position = start + i;
    const inside =
      position < 0 ? -position : position < size ? position : 2 * (size - 1) - position;
    if (inside >= 0 && inside < size) return inside;
    throw new RangeError(
      `Expected a window that a mirrored margin of ${size - 1} pixels can fill, found one that begins at ${start} ` +
        `and ends at ${start + count} of ${size}.`,
    );
  });
}

/** Where the train images' windows are taken from. */
export interface WindowOptions {
  /** Of the windows, in pixels. */
  side: number;
  range: PixelRange;
  seed: number;
  /** How far a window that covers the whole image is moved at most, in pixels. Default 0. */
  shift?: number;
  /** Whether every other window, at random, has left and right exchanged. Default false. */
  flips?: boolean;
}

/**
 * Training windows, new ones in each epoch. Images as large as a window are seen whole, once an epoch; of larger ones,
 * random windows, as many as it takes to see each pixel about once. A window depends on the seed, the epoch and its
 * number alone, so that a training which was interrupted goes on with the same ones.
 */
export class RandomWindows implements BatchSource<ImagesBatch> {
  /** Windows of each image in an epoch. */
  private readonly perImage: number;

  /** @throws RangeError for images smaller than a window */
  constructor(
    private readonly stack: ImageStack,
    private readonly options: WindowOptions,
  ) {
    const { side } = options;
    if (Math.min(stack.height, stack.width) < side) {
      throw new RangeError(
        `Expected images of at least ${side} x ${side} pixels, found ${stack.height} x ${stack.width}.`,
      );
    }
    this.perImage = Math.round((stack.height * stack.width) / side ** 2);
  }

  get count(): number {
    return this.stack.count * this.perImage;
  }

  /** [indices.length, side, side, 3] */
  batch(indices: readonly number[], epoch: number): ImagesBatch & { dispose(): void } {
    const { side, range } = this.options;
    const windows = indices.map((index) => this.window(index, epoch));
    const images = windowBatch(this.stack, windows, side, range);
    return { images, dispose: () => images.dispose() };
  }

  private window(index: number, epoch: number): Window {
    const { side, seed, shift = 0, flips = false } = this.options;
    const random = Random.fromSeed(seed).fork(`window ${index} of epoch ${epoch}`);
    const begin = (size: number) => random.int(size - side + 2 * shift + 1) - shift;
    const [left, top] = [begin(this.stack.width), begin(this.stack.height)];
    const isFlipped = flips && random.int(2) === 1;
    return { image: Math.floor(index / this.perImage), left, top, isFlipped };
  }
}
