import type { ImageStack } from '../../data/image';
import { resizeBilinear, tf } from '../../engine/index';
import type { Tensor2D, Tensor4D } from '../../engine/index';
import { imageBatch } from '../../models/image-batch';
import type { ParameterStore } from '../../models/parameter-store';
import { resnet18, SIZE_MULTIPLE } from '../../models/resnet18';
import { concatPoints } from '../../statistics/points';
import type { Points } from '../../statistics/points';

/** How patches become features. */
export interface PatchSettings {
  /** Side of the square patches, in pixels of the image. */
  patchSize: number;
  /** Side to which the backbone sees them enlarged; a multiple of 16. */
  networkSize: number;
  /**
   * 'patch': each patch is cropped, enlarged and seen alone. 'image': the whole image is enlarged by as much and seen at
   * once. Its features are averaged over each patch: far fewer computations, since patches overlap, but features near a
   * patch's border see what lies beyond it, where a patch alone has zero padding.
   */
  view: 'patch' | 'image';
}

/** The upper left pixel of a patch. */
export interface Corner {
  x: number;
  y: number;
}

/** Pixels in one batch of enlarged patches: as many as in four images of 256 x 256. */
const BATCH_PIXELS = 4 * 256 ** 2;

/**
 * The features of some patches of an image: the last level, averaged over the patch, and divided by the sum of their
 * magnitudes (the paper normalises so, not by the length). Yields to the event loop between batches.
 *
 * The published features are the 512 of ResNet-18's average pool, after layer4; the backbone here ends at layer3.
 *
 * @param index of the image in its stack
 * @param corners in view 'image' multiples of `cellSize`
 * @returns [corners, 256]
 * @throws the signal's reason
 */
export async function patchFeatures(
  teacher: ParameterStore,
  stack: ImageStack,
  index: number,
  corners: readonly Corner[],
  settings: PatchSettings,
  signal?: AbortSignal,
): Promise<Points> {
  if (settings.view === 'image') {
    signal?.throwIfAborted();
    const points = pointsOf(imageView(teacher, stack, index, corners, settings));
    await new Promise(setImmediate);
    return points;
  }
  const { patchSize, networkSize } = settings;
  const image = pixelsOf(stack, index);
  const batch = Math.max(1, Math.floor(BATCH_PIXELS / networkSize ** 2));
  const parts: Points[] = [];
  for (let start = 0; start < corners.length; start += batch) {
    signal?.throwIfAborted();
    const patches = crop(image, stack.width, corners.slice(start, start + batch), patchSize);
    parts.push(pointsOf(patchView(teacher, patches, settings)));
    await new Promise(setImmediate);
  }
  return concatPoints(parts);
}

/**
 * Pixels of the image that one position of the last level stands for in view 'image'.
 *
 * @throws RangeError where this is not a whole number, or does not divide what it must
 */
export function cellSize({ patchSize, networkSize }: PatchSettings): number {
  const cell = (patchSize * SIZE_MULTIPLE) / networkSize;
  if (Number.isInteger(cell)) return cell;
  throw new RangeError(
    `Expected networkSize to be a multiple of ${SIZE_MULTIPLE} that divides ${SIZE_MULTIPLE} times patchSize, found ` +
      `${networkSize} and ${patchSize}.`,
  );
}

/** An image's pixels as the backbone takes them, [height, width, 3]. */
function pixelsOf(stack: ImageStack, index: number): Float32Array {
  const batch = imageBatch(stack, [index]);
  const pixels = batch.dataSync<'float32'>();
  batch.dispose();
  return pixels;
}

/** [corners, size, size, 3] */
function crop(
  image: Float32Array,
  width: number,
  corners: readonly Corner[],
  size: number,
): Tensor4D {
  const patches = new Float32Array(corners.length * size * size * 3);
  let end = 0;
  for (const { x, y } of corners) {
    for (let row = y; row < y + size; row++) {
      const start = (row * width + x) * 3;
      patches.set(image.subarray(start, start + size * 3), end);
      end += size * 3;
    }
  }
  return tf.tensor4d(patches, [corners.length, size, size, 3]);
}

/** @param patches [n, size, size, 3], used up */
function patchView(
  teacher: ParameterStore,
  patches: Tensor4D,
  { networkSize }: PatchSettings,
): Tensor2D {
  const features = tf.tidy(() => {
    const enlarged = resizeBilinear(patches, { height: networkSize, width: networkSize });
    const pyramid = resnet18(teacher, enlarged);
    return normalised(tf.mean<Tensor2D>(pyramid[pyramid.length - 1], [1, 2]));
  });
  patches.dispose();
  return features;
}

function imageView(
  teacher: ParameterStore,
  stack: ImageStack,
  index: number,
  corners: readonly Corner[],
  settings: PatchSettings,
): Tensor2D {
  const cell = cellSize(settings);
  const cells = settings.patchSize / cell;
  const astray = corners.find(({ x, y }) => x % cell !== 0 || y % cell !== 0);
  if (astray) {
    throw new RangeError(
      `Expected patches at multiples of ${cell} pixels in view 'image', found one at x ${astray.x}, y ${astray.y}.`,
    );
  }
  return tf.tidy(() => {
    const scale = settings.networkSize / settings.patchSize;
    const enlarged = resizeBilinear(imageBatch(stack, [index]), {
      height: stack.height * scale,
      width: stack.width * scale,
    });
    const pyramid = resnet18(teacher, enlarged);
    const averages = tf.avgPool(pyramid[pyramid.length - 1], cells, 1, 'valid');
    const [, height, width, channels] = averages.shape;
    const rows = corners.map(({ x, y }) => (y / cell) * width + x / cell);
    const all = tf.reshape(averages, [height * width, channels]) as Tensor2D;
    return normalised(tf.gather(all, tf.tensor1d(rows, 'int32')));
  });
}

/** Rows divided by the sum of their magnitudes. */
function normalised(features: Tensor2D): Tensor2D {
  const sums = tf.sum(tf.abs(features), 1, true);
  return tf.div(features, tf.maximum(sums, 1e-12));
}

/** Copied out of the engine; the tensor is used up. */
function pointsOf(tensor: Tensor2D): Points {
  const [count, dimensions] = tensor.shape;
  const data = tensor.dataSync<'float32'>();
  tensor.dispose();
  return { count, dimensions, data };
}
