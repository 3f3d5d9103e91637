import { decodeWeights } from './messages';
import { TOP_BITS } from './unpack-model';
import type { PackedModel } from './unpack-model';

/** Smaller tensors stay as they are: biases, and numbers that many others depend on. */
const LEAST_WEIGHTS = 1024;

/**
 * The first layers are small, and what is lost in them is lost for all levels: with three bits more the maps of STFPM
 * differ a quarter as much, for 1 % more bytes.
 */
const SMALL_TENSOR = 100_000;
const MORE_BITS = 3;

/** The widest and the narrowest that weights are stored in. */
export const WEIGHT_BITS = [32, 24, 23, 22, 21, 20, 19, 18, 17] as const;

/**
 * An ONNX file in fewer bytes, see `unpackModel`. With fewer than 32 bits the weights of an output channel (a tensor's
 * row) become whole multiples of the same step, the largest of them 2^(bits - 1) - 1 steps.
 *
 * @param bits of each weight, one of `WEIGHT_BITS`; of small tensors three more
 * @returns the description, and the content before it is deflated
 */
export function packModel(
  bytes: Uint8Array,
  bits: number,
): { packed: PackedModel; content: Uint8Array } {
  const tensors = decodeWeights(bytes)
    .filter(
      ({ dims, offset }) => offset !== null && dims.reduce((a, b) => a * b, 1) >= LEAST_WEIGHTS,
    )
    .map(({ dims, offset }) => ({
      offset: offset ?? 0,
      rows: dims[0],
      columns: dims.slice(1).reduce((product, size) => product * size, 1),
    }))
    .map((tensor) => ({ ...tensor, bits: bitsOf(tensor, bits) }))
    .sort((a, b) => a.offset - b.offset);
  const packed = { length: bytes.length, tensors };
  const rest: Uint8Array[] = [];
  const weights = tensors.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const rowCount = tensors.reduce((sum, { rows, bits }) => sum + (bits === 32 ? 0 : rows), 0);
  const lowBits = tensors.reduce(
    (sum, { rows, columns, bits }) => sum + rows * columns * (bits - TOP_BITS),
    0,
  );
  const scales = new Uint8Array(4 * rowCount);
  const scaleView = new DataView(scales.buffer);
  const top = new Uint8Array(weights);
  const low = new Uint8Array(Math.ceil(lowBits / 8));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [end, row, at, lowAt, held, have] = [0, 0, 0, 0, 0, 0];
  const write = (whole: number, bits: number) => {
    const size = 2 ** (bits - TOP_BITS);
    top[at++] = Math.floor(whole / size);
    held += (whole % size) * 2 ** have;
    for (have += bits - TOP_BITS; have >= 8; have -= 8) {
      low[lowAt++] = held % 256;
      held = Math.floor(held / 256);
    }
  };
  for (const { offset, rows, columns, bits } of tensors) {
    rest.push(bytes.subarray(end, offset));
    for (let start = offset; start < offset + 4 * rows * columns; start += 4 * columns) {
      const last = start + 4 * columns;
      if (bits === 32) {
        for (let i = start; i < last; i += 4) write(view.getUint32(i, true), bits);
        continue;
      }
      let largest = 0;
      for (let i = start; i < last; i += 4) {
        largest = Math.max(largest, Math.abs(view.getFloat32(i, true)));
      }
      if (!Number.isFinite(largest)) {
        throw new Error('Expected weights that are numbers, found NaN or an infinite one.');
      }
      const scale = Math.fround(largest / (2 ** (bits - 1) - 1));
      scaleView.setFloat32(4 * row++, scale, true);
      for (let i = start; i < last; i += 4) {
        const steps = scale === 0 ? 0 : Math.round(view.getFloat32(i, true) / scale);
        write(Math.min(steps, 2 ** (bits - 1) - 1) + 2 ** (bits - 1), bits);
      }
    }
    end = offset + 4 * rows * columns;
  }
  if (have > 0) low[lowAt] = held;
  rest.push(bytes.subarray(end));
  return { packed, content: Buffer.concat([...rest, scales, top, low]) };
}

function bitsOf({ rows, columns }: { rows: number; columns: number }, bits: number): number {
  if (bits === 32 || rows * columns >= SMALL_TENSOR) return bits;
  return Math.min(24, bits + MORE_BITS);
}
