import type { ConvAttributes, ConvKernels } from './conv2d-kernels';
import { FLOAT, rawOp } from './raw-op';
import type { AttributeValue } from './raw-op';
import { nativeBackend, tf } from './tensorflow';
import type { Tensor } from './types';

/** Below this, oneDNN's convolutions are as fast with few positions. */
const FEWEST_WEIGHTS = 9 * 512 * 512;
/** How many output channels there are for each position, at least. */
const CHANNELS_A_POSITION = 4;

/**
 * Whether a convolution is better done as one matrix product, as the deepest of a U-Net of level 3 are: 1024 channels
 * in and out at 2 x 2 positions. A convolution's kernel brings the filter into an order of its own first, which takes
 * longer than the arithmetic when there are few positions to use it at: there the product takes a quarter of the time.
 *
 * @param positions of the whole batch
 */
export function isBetterAsProduct(
  positions: number,
  filter: readonly number[],
  { stride, padding }: ConvAttributes,
): boolean {
  const [kernel, , inputs, outputs] = filter;
  return (
    !nativeBackend().isUsingGpuDevice &&
    stride === 1 &&
    kernel === 2 * padding + 1 &&
    kernel * kernel * inputs * outputs >= FEWEST_WEIGHTS &&
    outputs >= CHANNELS_A_POSITION * positions
  );
}

const patchRecords = new Map<number, Record<string, AttributeValue>>();

/** What each position sees of the input: [positions, kernel kernel channels], zeros beyond the edges. */
function patchesOf(x: Tensor, kernel: number): Tensor {
  let record = patchRecords.get(kernel);
  if (!record) {
    record = {
      ...FLOAT,
      ksizes: [1, kernel, kernel, 1],
      strides: [1, 1, 1, 1],
      rates: [1, 1, 1, 1],
      padding: 'SAME',
    };
    patchRecords.set(kernel, record);
  }
  return rowsOf(rawOp('ExtractImagePatches', [x], record));
}

/** [..., n] as a matrix with rows of n. */
const rowsOf = (x: Tensor) => tf.reshape(x, [-1, x.shape.at(-1)!]);
/** [kernel, kernel, in, out] as a matrix, a column for each output channel. */
const columnsOf = (filter: Tensor) => rowsOf(filter);

const PLAIN = { ...FLOAT, transpose_a: false, transpose_b: false };
const FIRST_TRANSPOSED = { ...PLAIN, transpose_a: true };
const SEGMENTS: Record<string, AttributeValue> = {
  ...FLOAT,
  Tindices: { type: 'int32' },
  Tnumsegments: { type: 'int32' },
};

/** For each patch and each of its places, the position of the input that it shows, or -1 beyond the edges. */
function shownPositions([batch, height, width]: readonly number[], kernel: number): Int32Array {
  const reach = (kernel - 1) / 2;
  const shown = new Int32Array(batch * height * width * kernel * kernel);
  let place = 0;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let y = row - reach; y <= row + reach; y++) {
          for (let x = column - reach; x <= column + reach; x++) {
            const isInside = y >= 0 && y < height && x >= 0 && x < width;
            shown[place++] = isInside ? (image * height + y) * width + x : -1;
          }
        }
      }
    }
  }
  return shown;
}

/** Patches of the input times the filter as a matrix. For stride 1 and outputs of the input's size. */
export const productKernels: ConvKernels = {
  forward(x, filter, bias) {
    const [kernel, , , outputs] = filter.shape as number[];
    return tf.tidy(() => {
      const product = rawOp('MatMul', [patchesOf(x, kernel), columnsOf(filter)], PLAIN);
      const sums = bias === null ? product : tf.add(product, bias);
      return tf.reshape(sums, [...(x.shape as number[]).slice(0, 3), outputs]);
    });
  },

  inputGradient(shape, filter, dy) {
    const [kernel, , channels] = filter.shape as number[];
    return tf.tidy(() => {
      // The matrix product is faster with the large filter as it is, and the small matrices turned.
      const turned = rawOp('MatMul', [columnsOf(filter), tf.transpose(rowsOf(dy))], PLAIN);
      const places = tf.reshape(tf.transpose(turned), [-1, channels]);
      const shown = tf.tensor1d(shownPositions(shape, kernel), 'int32');
      const count = tf.scalar(shape[0] * shape[1] * shape[2], 'int32');
      const sums = rawOp('UnsortedSegmentSum', [places, shown, count], SEGMENTS);
      return tf.reshape(sums, shape as number[]);
    });
  },

  filterGradient(x, shape, dy) {
    return tf.tidy(() => {
      const inputs = [patchesOf(x, shape[0]), rowsOf(dy)];
      return tf.reshape(rawOp('MatMul', inputs, FIRST_TRANSPOSED), shape as number[]);
    });
  },
};
