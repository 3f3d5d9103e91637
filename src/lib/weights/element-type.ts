/** Element types of the weight files, by safetensors' names. All are stored little-endian. */
export type ElementType =
  'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** Bytes that one element takes. */
export const elementSize: Readonly<Record<ElementType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

export function isElementType(name: unknown): name is ElementType {
  return typeof name === 'string' && Object.prototype.hasOwnProperty.call(elementSize, name);
}

/**
 * Stored elements as 32-bit floats. F32 bytes that are aligned become a view, without a copy;
 * everything else is converted. F64 and integers beyond 2^24 (a batch norm's
 * `num_batches_tracked` is an I64 scalar) are rounded to the nearest 32-bit float.
 */
export function toFloat32(bytes: Uint8Array, type: ElementType): Float32Array {
  const size = elementSize[type];
  // Not bytes.slice(): a Buffer's slice is a view.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const buffer = aligned.buffer;
  const offset = aligned.byteOffset;
  const length = aligned.byteLength / size;
  switch (type) {
    case 'F32':
      return new Float32Array(buffer, offset, length);
    case 'F64':
      return new Float32Array(new Float64Array(buffer, offset, length));
    case 'F16':
      return widenHalves(new Uint16Array(buffer, offset, length));
    case 'BF16':
      return widenBrainFloats(new Uint16Array(buffer, offset, length));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer, offset, length), Number);
    case 'I32':
      return new Float32Array(new Int32Array(buffer, offset, length));
    case 'I16':
      return new Float32Array(new Int16Array(buffer, offset, length));
    case 'I8':
      return new Float32Array(new Int8Array(buffer, offset, length));
    case 'U8':
    case 'BOOL':
      return new Float32Array(aligned);
  }
}

/** bfloat16 is the upper half of a binary32 number. */
function widenBrainFloats(source: Uint16Array): Float32Array {
  const bits = new Uint32Array(source.length);
  for (let i = 0; i < source.length; i++) bits[i] = source[i] << 16;
  return new Float32Array(bits.buffer);
}

/*
 * IEEE 754 binary16 ("half") numbers: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
 * JavaScript before ES2025 has no Float16Array.
 */

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

let widened: Float32Array | undefined;

/** Every half's value by its bits: 65536 numbers, made at the first use. */
function wideningTable(): Float32Array {
  if (!widened) {
    widened = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) {
      const sign = bits & 0x8000 ? -1 : 1;
      const exponent = (bits >> 10) & 0x1f;
      const fraction = bits & 0x3ff;
      if (exponent === 0) widened[bits] = sign * fraction * 2 ** -24;
      else if (exponent === 31) widened[bits] = fraction ? NaN : sign * Infinity;
      else widened[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    }
  }
  return widened;
}

/** The values of halves given by their bits. Exact: every half is a 32-bit float. */
export function widenHalves(halves: Uint16Array): Float32Array {
  const table = wideningTable();
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]];
  return floats;
}

/**
 * The bits of the nearest halves, ties to even, as PyTorch's `.half()`: from 65520 up a number
 * becomes infinity, and below 2^-14 precision fades out in steps of 2^-24.
 */
export function narrowToHalves(floats: Float32Array): Uint16Array {
  const source = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < source.length; i++) halves[i] = narrowBits(source[i]);
  return halves;
}

/** binary32 bits -> binary16 bits. */
function narrowBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more, and infinity
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves lie 2^-24 apart, as binary32 numbers do between 0.5 and 1: adding 0.5
    // makes the processor round to that grid, and the low bits of the sum count the steps.
    scratchBits[0] = magnitude;
    scratchFloat[0] += 0.5;
    return sign | (scratchBits[0] - 0x3f000000);
  }
  // Round the 13 bits that are dropped to even; a carry moves on into the exponent, as it should.
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}
