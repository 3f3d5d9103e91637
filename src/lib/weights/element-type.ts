import { widenHalves } from './half-float';

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
