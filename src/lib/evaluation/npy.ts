import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../files/atomic-write';
import { FileError } from '../files/file-error';
import type { ImageSize } from '../metrics/scores';

/*
 * NumPy's array file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 * the magic string, two bytes of version, the header's length (two bytes, or four from version 2),
 * the header, which is a Python dictionary padded with spaces to a multiple of 64 bytes from the
 * file's start, and the values. Here: version 1.0, little-endian 32-bit floats, row-major.
 */

export interface NpyArray {
  shape: number[];
  /** Row-major. */
  data: Float32Array;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');
const alignment = 64;

/**
 * The bytes of a .npy file with the maps of several images as one float32 array
 * [maps, height, width]; NumPy reads it with `np.load`.
 *
 * @param maps row-major, height * width each
 * @throws RangeError if a map has another length
 */
export function encodeNpyMaps(
  maps: readonly Float32Array[],
  { height, width }: ImageSize,
): Uint8Array {
  maps.forEach((map, i) => {
    if (map.length === height * width) return;
    throw new RangeError(
      `Expected ${height} x ${width} = ${height * width} values in map ${i}, found ${map.length}.`,
    );
  });
  const shape = `(${maps.length}, ${height}, ${width})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const preamble = magic.length + 4;
  const headerEnd = Math.ceil((preamble + dictionary.length + 1) / alignment) * alignment;
  const bytes = Buffer.alloc(headerEnd + 4 * maps.length * height * width);
  magic.copy(bytes);
  bytes.writeUInt8(1, magic.length);
  bytes.writeUInt16LE(headerEnd - preamble, magic.length + 2);
  bytes.write(`${dictionary.padEnd(headerEnd - preamble - 1)}\n`, preamble, 'latin1');
  maps.forEach((map, i) => {
    bytes.set(
      new Uint8Array(map.buffer, map.byteOffset, map.byteLength),
      headerEnd + i * map.byteLength,
    );
  });
  return bytes;
}

/** Writes maps as a .npy file (see `encodeNpyMaps`): the whole file or nothing. */
export async function writeNpyMaps(
  file: string,
  maps: readonly Float32Array[],
  size: ImageSize,
): Promise<void> {
  writeFileAtomic(file, encodeNpyMaps(maps, size));
}

/**
 * Reads a .npy file of little-endian 32-bit floats in row-major order, of any shape.
 *
 * @throws FileError if it is anything else or its length does not fit its shape
 */
export function readNpy(file: string): NpyArray {
  return decodeNpy(readFileSync(file), file);
}

/** Decodes the bytes of a .npy file (see `readNpy`); `file` is for error messages. */
export function decodeNpy(bytes: Uint8Array, file: string): NpyArray {
  const fail = (expected: string, found: string): never => {
    throw new FileError(file, expected, found);
  };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, magic.length).equals(magic)) {
    fail('a .npy file', `other first bytes (${buffer.subarray(0, magic.length).toString('hex')})`);
  }
  const preamble = magic.length + (buffer[magic.length] === 1 ? 4 : 6);
  if (buffer.length < preamble) fail('a .npy header', `the end after ${buffer.length} bytes`);
  const version = buffer[magic.length];
  if (version < 1 || version > 3) fail('.npy version 1, 2 or 3', `version ${version}`);
  const headerLength =
    version === 1 ? buffer.readUInt16LE(magic.length + 2) : buffer.readUInt32LE(magic.length + 2);
  const start = preamble + headerLength;
  if (buffer.length < start)
    fail(`a header of ${headerLength} bytes`, `${buffer.length - preamble}`);
  const header = buffer.toString('latin1', preamble, start).trim();

  const entry = (key: string, value: RegExp): string => {
    const match = new RegExp(`'${key}': *(?:${value.source})`).exec(header);
    return match ? match[1] : fail(`a .npy header with '${key}'`, header);
  };
  const type = entry('descr', /'([^']*)'/);
  if (type !== '<f4') fail("values of type '<f4' (little-endian float32)", `'${type}'`);
  const order = entry('fortran_order', /(True|False)/);
  if (order !== 'False') fail('row-major order', 'column-major (fortran_order True)');
  const list = entry('shape', /\(((?:\d+, *)*\d*)\)/);
  const shape = list === '' ? [] : list.replace(/, *$/, '').split(',').map(Number);
  const count = shape.reduce((product, length) => product * length, 1);
  if (buffer.length - start !== 4 * count) {
    fail(
      `${4 * count} bytes of values for shape (${list})`,
      `${buffer.length - start} bytes after the header`,
    );
  }
  const data = new Float32Array(count);
  new Uint8Array(data.buffer).set(buffer.subarray(start));
  return { shape, data };
}
