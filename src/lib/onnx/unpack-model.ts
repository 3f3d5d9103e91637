/**
 * An ONNX file whose weights are stored in fewer bits, to travel inside a page. Everything else of the file is kept to
 * the byte. Read in a browser: imports nothing.
 */
export interface PackedModel {
  /** Bytes of the ONNX file. */
  length: number;
  /** Which parts of the file are weights, in the order of the file. Bits of each weight: 32 are the weights as they are. */
  tensors: { offset: number; rows: number; columns: number; bits: number }[];
}

/** Of each weight these many bits lie in a plane of their own, which deflates well; the rest is as good as random. */
export const TOP_BITS = 8;

/**
 * The ONNX file.
 *
 * @param content in this order: the file without its weights, the scale of each row (none with 32 bits), the top bits
 *   of all weights, a byte each, and their other bits, packed, the lowest first
 */
export function unpackModel({ length, tensors }: PackedModel, content: Uint8Array): Uint8Array {
  let [weights, rows, lowBits] = [0, 0, 0];
  for (const tensor of tensors) {
    const size = tensor.rows * tensor.columns;
    weights += size;
    rows += tensor.bits === 32 ? 0 : tensor.rows;
    lowBits += size * (tensor.bits - TOP_BITS);
  }
  const rest = length - 4 * weights;
  const topStart = rest + 4 * rows;
  const wanted = topStart + weights + Math.ceil(lowBits / 8);
  if (content.length !== wanted) {
    throw new Error(`The model: expected ${wanted} bytes, found ${content.length}.`);
  }
  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  const scales = new DataView(content.buffer, content.byteOffset + rest, 4 * rows);
  const readLow = bitReader(content.subarray(topStart + weights));
  let [restAt, row, top, end] = [0, 0, topStart, 0];
  for (const { offset, rows, columns, bits } of tensors) {
    file.set(content.subarray(restAt, restAt + offset - end), end);
    restAt += offset - end;
    end = offset + 4 * rows * columns;
    const low = bits - TOP_BITS;
    for (let at = offset; at < end;) {
      const scale = bits === 32 ? 0 : scales.getFloat32(4 * row++, true);
      for (let column = 0; column < columns; column++, at += 4) {
        const whole = content[top++] * 2 ** low + readLow(low);
        if (bits === 32) view.setUint32(at, whole, true);
        else view.setFloat32(at, (whole - 2 ** (bits - 1)) * scale, true);
      }
    }
  }
  file.set(content.subarray(restAt, rest), end);
  return file;
}

/** Reads numbers of a few bits, at most 24, one after the other. */
function bitReader(bytes: Uint8Array): (bits: number) => number {
  let [at, held, have] = [0, 0, 0];
  return (bits) => {
    for (; have < bits; have += 8) held += bytes[at++] * 2 ** have;
    const size = 2 ** bits;
    const value = held % size;
    held = (held - value) / size;
    have -= bits;
    return value;
  };
}
