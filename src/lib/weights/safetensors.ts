import { writeFileAtomic } from '../files/atomic-write';
import {
  elementSize,
  isElementType,
  narrowToHalves,
  toFloat32,
  type ElementType,
} from './element-type';
import { readFileBytes, formatShape, quoteName, WeightFileError } from './named-arrays';
import type { NamedArray, NamedArrays } from './named-arrays';

/*
 * The safetensors format (https://github.com/huggingface/safetensors): 8 bytes little-endian
 * header length n; n bytes of JSON, `{"__metadata__": {string: string}, name: {"dtype", "shape",
 * "data_offsets": [begin, end]}, ...}`, padded with spaces; then the arrays' bytes one after the
 * other, without a gap, to which the offsets refer.
 */

export interface Safetensors {
  arrays: NamedArrays;
  metadata: Record<string, string>;
}

export interface WriteSafetensorsOptions {
  /** Store 16-bit floats (F16): half the size, about 3 significant digits. Default false (F32). */
  half?: boolean;
}

/** The limit of the format's own readers. */
const maxHeaderBytes = 100_000_000;

/**
 * Reads a safetensors file as 32-bit floats (see `toFloat32` for the other element types), in the
 * order of the data in the file. Arrays that need no conversion are views on one buffer.
 *
 * @throws WeightFileError when the file cannot be read, is truncated, or breaks the format: its
 *   header is not valid JSON, or an array's shape does not match its bytes, or arrays overlap,
 *   leave gaps, or reach outside the file.
 */
export function readSafetensors(file: string): Safetensors {
  return parseSafetensors(readFileBytes(file), file);
}

/** As `readSafetensors`, from the file's content; `file` is what errors call it. */
export function parseSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const { header, dataStart } = parseHeader(bytes, file);
  const data = bytes.subarray(dataStart);
  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = checkMetadata(value, file);
    else entries.push(checkEntry(name, value, data.length, file));
  }

  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const arrays: NamedArrays = new Map();
  let position = 0;
  for (const { name, type, shape, begin, end } of entries) {
    if (begin !== position) {
      const fault = begin < position ? 'an overlap' : 'a gap';
      throw new WeightFileError(
        file,
        `${quoteName(name)} to begin at byte ${position}, where the array before it ends`,
        `${fault}: it begins at ${begin}`,
      );
    }
    arrays.set(name, { shape, data: toFloat32(data.subarray(begin, end), type) });
    position = end;
  }
  if (position !== data.length) {
    throw new WeightFileError(
      file,
      `${position} bytes of arrays after the header`,
      `${data.length}: ${data.length - position} bytes too many`,
    );
  }
  return { arrays, metadata };
}

function parseHeader(
  bytes: Uint8Array,
  file: string,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) {
    throw new WeightFileError(
      file,
      'a safetensors file, which begins with 8 bytes of header length',
      `${bytes.length} bytes in all`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(maxHeaderBytes)) {
    throw new WeightFileError(
      file,
      `a safetensors header of at most ${maxHeaderBytes} bytes`,
      `a declared length of ${declared} (not a safetensors file?)`,
    );
  }
  const dataStart = 8 + Number(declared);
  if (dataStart > bytes.length) {
    throw new WeightFileError(
      file,
      `a header of ${declared} bytes`,
      `a file of ${bytes.length} bytes: truncated, or not a safetensors file`,
    );
  }
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart));
    header = JSON.parse(text);
  } catch (error) {
    throw new WeightFileError(
      file,
      'a safetensors header in JSON',
      `invalid text (${(error as Error).message})`,
      { cause: error },
    );
  }
  if (!isRecord(header)) {
    throw new WeightFileError(file, 'a JSON object as header', describe(header));
  }
  return { header, dataStart };
}

function checkMetadata(value: unknown, file: string): Record<string, string> {
  if (!isRecord(value)) {
    throw new WeightFileError(file, 'a JSON object as __metadata__', describe(value));
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new WeightFileError(file, `a string as metadata ${quoteName(key)}`, describe(text));
    }
  }
  return value as Record<string, string>;
}

interface Entry {
  name: string;
  type: ElementType;
  shape: number[];
  /** Where the bytes lie, counted from the end of the header; `end` is exclusive. */
  begin: number;
  end: number;
}

function checkEntry(name: string, value: unknown, dataLength: number, file: string): Entry {
  if (!isRecord(value)) {
    throw new WeightFileError(
      file,
      `an object with dtype, shape and data_offsets as ${quoteName(name)}`,
      describe(value),
    );
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isElementType(dtype)) {
    const known = Object.keys(elementSize).join(', ');
    throw new WeightFileError(
      file,
      `one of ${known} as dtype of ${quoteName(name)}`,
      describe(dtype),
    );
  }
  if (!isSizes(shape)) {
    throw new WeightFileError(
      file,
      `a list of sizes as shape of ${quoteName(name)}`,
      describe(shape),
    );
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw new WeightFileError(
      file,
      `a begin and an end as data_offsets of ${quoteName(name)}`,
      describe(offsets),
    );
  }
  const [begin, end] = offsets;
  if (end > dataLength) {
    throw new WeightFileError(
      file,
      `at least ${end} bytes after the header, for ${quoteName(name)}`,
      `${dataLength}: the file is truncated`,
    );
  }
  const needed = shape.reduce((product, size) => product * size, elementSize[dtype]);
  if (end - begin !== needed) {
    throw new WeightFileError(
      file,
      `${needed} bytes for ${quoteName(name)} (${dtype} of shape ${formatShape(shape)})`,
      `${end - begin} in its data_offsets`,
    );
  }
  return { name, type: dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** A value from the header, for a message: what is nested in it may be deep and long. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quoteName(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (!Array.isArray(value)) return 'an object';
  return value.every((item) => typeof item === 'number') ? formatShape(value) : 'a list';
}

/**
 * Writes arrays as a safetensors file that Python's `safetensors` (and so PyTorch) loads, in the
 * map's order, as F32 or, with `half`, as F16: the whole file or nothing.
 *
 * @param metadata strings that travel with the arrays
 * @throws WeightFileError when an array's data do not fill its shape, when a finite value is too
 *   large for `half`, or when a name or metadata value cannot be stored; the file is untouched
 */
export function writeSafetensors(
  file: string,
  arrays: ReadonlyMap<string, NamedArray>,
  metadata: Record<string, string> = {},
  options: WriteSafetensorsOptions = {},
): void {
  writeFileAtomic(file, encodeSafetensors(file, arrays, metadata, options));
}

function encodeSafetensors(
  file: string,
  arrays: ReadonlyMap<string, NamedArray>,
  metadata: Record<string, string>,
  { half = false }: WriteSafetensorsOptions,
): Uint8Array[] {
  const dtype: ElementType = half ? 'F16' : 'F32';
  // Joined by hand: an object would put integer-like names first.
  const members: string[] = [];
  checkMetadata(metadata, file);
  if (Object.keys(metadata).length > 0) members.push(`"__metadata__":${JSON.stringify(metadata)}`);
  const payload: Uint8Array[] = [];
  let position = 0;
  for (const [name, { shape, data }] of arrays) {
    if (name === '__metadata__') {
      throw new WeightFileError(file, 'an array name to write', 'the reserved "__metadata__"');
    }
    const count = shape.reduce((product, size) => product * size, 1);
    if (!isSizes(shape) || count !== data.length) {
      throw new WeightFileError(
        file,
        `${count} values to write for ${quoteName(name)} of shape ${formatShape(shape)}`,
        `${data.length}`,
      );
    }
    const stored = half ? narrowWithinRange(file, name, data) : data;
    const offsets = [position, position + stored.byteLength];
    members.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`,
    );
    payload.push(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
    position = offsets[1];
  }
  const json = Buffer.from(`{${members.join(',')}}`, 'utf8');
  const headerLength = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + headerLength, ' ');
  header.writeBigUInt64LE(BigInt(headerLength), 0);
  json.copy(header, 8);
  return [header, ...payload];
}

function narrowWithinRange(file: string, name: string, data: Float32Array): Uint16Array {
  const halves = narrowToHalves(data);
  for (let i = 0; i < halves.length; i++) {
    if ((halves[i] & 0x7fff) === 0x7c00 && Number.isFinite(data[i])) {
      throw new WeightFileError(
        file,
        `values of ${quoteName(name)} within 65504, the largest 16-bit float`,
        `${data[i]} at index ${i}`,
      );
    }
  }
  return halves;
}
