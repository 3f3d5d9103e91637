import { openAtomic, writeFileAtomic } from '../files/atomic-write';
import { FileError } from '../files/file-error';
import { MAX_MODEL_BYTES } from '../files/limits';
import { readRegularFileSync } from '../files/read-file';
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
  const header = npyHeader(maps.length, { height, width });
  const bytes = Buffer.alloc(header.length + 4 * maps.length * height * width);
  header.copy(bytes);
  maps.forEach((map, i) => bytes.set(bytesOf(map), header.length + i * map.byteLength));
  return bytes;
}

function npyHeader(count: number, { height, width }: ImageSize): Buffer {
  const shape = `(${count}, ${height}, ${width})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const preamble = magic.length + 4;
  const headerEnd = Math.ceil((preamble + dictionary.length + 1) / alignment) * alignment;
  const bytes = Buffer.alloc(headerEnd);
  magic.copy(bytes);
  bytes.writeUInt8(1, magic.length);
  bytes.writeUInt16LE(headerEnd - preamble, magic.length + 2);
  bytes.write(`${dictionary.padEnd(headerEnd - preamble - 1)}\n`, preamble, 'latin1');
  return bytes;
}

const bytesOf = (map: Float32Array) => new Uint8Array(map.buffer, map.byteOffset, map.byteLength);

/** A .npy file of maps that come one after the other, of any number: it gets its name when it is closed. */
export interface NpyMapsWriter {
  /** @throws RangeError if it differs in size from the first one; Error naming the file when the disk is full */
  add(map: Float32Array, size: ImageSize): void;
  /** The maps that were added become the file. */
  close(): void;
  /** Removes what was written. */
  discard(): void;
}

/** @throws Error naming the file, when it cannot be written or is no regular file */
export function openNpyMaps(file: string): NpyMapsWriter {
  const aside = openAtomic(file);
  let count = 0;
  let first: ImageSize | null = null;
  let start = 0;
  return {
    add: (map, size) => {
      first ??= size;
      if (map.length !== first.height * first.width) {
        throw new RangeError(
          `Expected ${first.height * first.width} values in map ${count}, found ${map.length}.`,
        );
      }
      // The header is as long for a million maps as for one.
      if (count === 0) start = npyHeader(1, first).length;
      aside.write(bytesOf(map), start + count * map.byteLength);
      count++;
    },
    close: () => {
      try {
        aside.write(npyHeader(count, first ?? { height: 0, width: 0 }), 0);
      } catch (error) {
        aside.discard();
        throw error;
      }
      aside.commit();
    },
    discard: () => aside.discard(),
  };
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
  const bytes = readRegularFileSync(file, MAX_MODEL_BYTES, (found, cause) => {
    throw new FileError(file, 'a .npy file', found, { cause });
  });
  return decodeNpy(bytes, file);
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
