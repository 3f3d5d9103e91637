import { decodeWeights } from './messages';
import { TOP_BITS } from './unpack-model';
import type { PackedModel } from './unpack-model';

/** Smaller tensors stay as they are: biases, and numbers that many others depend on. */
const LEAST_WEIGHTS = 1024;

/** The widest and the narrowest that weights are stored in. */
export const WEIGHT_BITS = [32, 24, 23, 22, 21, 20, 19, 18] as const;

/**
 * An ONNX file in fewer bytes, see `unpackModel`. With fewer than 32 bits the weights of an output channel (a tensor's
 * row) become whole multiples of the same step, the largest of them 2^(bits - 1) - 1 steps.
 *
 * @param bits of each weight, one of `WEIGHT_BITS`
 * @returns the description, and the content before it is deflated
 */
export function packModel(
  bytes: Uint8Array,
  bits: number,
): { packed: PackedModel; content: Uint8Array } {
  const tensors = decodeWeights(bytes)
    .filter(({ dims, offset }) => offset !== null && dims.reduce((a, b) => a * b, 1) >= LEAST_WEIGHTS)
    .map(({ dims, offset }) => ({
      offset: offset ?? 0,
      rows: dims[0],
      columns: dims.slice(1).reduce((product, size) => product * size, 1),
    }))
    .sort((a, b) => a.offset - b.offset);
  const packed = { length: bytes.length, bits, tensors };
  const rest: Uint8Array[] = [];
  const weights = tensors.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const rowCount = tensors.reduce((sum, { rows }) => sum + rows, 0);
  const scales = new Uint8Array(bits === 32 ? 0 : 4 * rowCount);
  const scaleView = new DataView(scales.buffer);
  const top = new Uint8Array(weights);
  const lowBits = bits - TOP_BITS;
  const low = new Uint8Array(Math.ceil((weights * lowBits) / 8));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [end, row, at, lowAt, held, have] = [0, 0, 0, 0, 0, 0];
  const write = (whole: number) => {
    top[at++] = Math.floor(whole / 2 ** lowBits);
    held += (whole % 2 ** lowBits) * 2 ** have;
    for (have += lowBits; have >= 8; have -= 8) {
      low[lowAt++] = held % 256;
      held = Math.floor(held / 256);
    }
  };
  for (const { offset, rows, columns } of tensors) {
    rest.push(bytes.subarray(end, offset));
    for (let start = offset; start < offset + 4 * rows * columns; start += 4 * columns) {
      const last = start + 4 * columns;
      if (bits === 32) {
        for (let i = start; i < last; i += 4) write(view.getUint32(i, true));
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
        write(Math.min(steps, 2 ** (bits - 1) - 1) + 2 ** (bits - 1));
      }
    }
    end = offset + 4 * rows * columns;
  }
  if (have > 0) low[lowAt] = held;
  rest.push(bytes.subarray(end));
  return { packed, content: Buffer.concat([...rest, scales, top, low]) };
}
