/*
 * Where the numbers and the parts of a file lie, by its format: what a mutation changes, so that it gets past the first
 * check and meets the code behind it.
 */

/** A whole number in a file. */
export interface Field {
  at: number;
  /** Bytes. */
  size: 1 | 2 | 4 | 8;
  order: 'little' | 'big';
}

/** Something that can be left out, doubled or moved: a chunk, a segment, an entry. */
export interface Part {
  from: number;
  /** Exclusive. */
  to: number;
}

export interface Anatomy {
  fields: Field[];
  parts: Part[];
  /** Puts checksums right after a change, so that it is not they that refuse the file. */
  repair?: (bytes: Buffer) => Buffer;
  /** Whether a format has checksums over all that its values come from: a flipped bit cannot pass. */
  isChecked?: boolean;
}

type ReadAnatomy = (bytes: Buffer) => Anatomy;

const fieldsAt = (order: Field['order'], size: Field['size'], ...places: number[]): Field[] =>
  places.map((at) => ({ at, size, order }));

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** ISO 3309, of PNG and ZIP. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC_TABLE[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** PNG, third edition, 5.3: length, type, data, CRC. */
function pngChunks(bytes: Buffer): Part[] {
  const chunks: Part[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const to = at + 12 + bytes.readUInt32BE(at);
    if (to > bytes.length) break;
    chunks.push({ from: at, to });
    at = to;
  }
  return chunks;
}

const png: ReadAnatomy = (bytes) => {
  const chunks = pngChunks(bytes);
  return {
    fields: [
      ...fieldsAt('big', 4, 16, 20),
      ...fieldsAt('big', 1, 24, 25, 26, 27, 28),
      ...chunks.flatMap(({ from }) => fieldsAt('big', 4, from, from + 4)),
    ],
    parts: chunks,
    isChecked: true,
    repair: (changed) => {
      for (const { from, to } of pngChunks(changed)) {
        changed.writeUInt32BE(crc32(changed.subarray(from + 4, to - 4)), to - 4);
      }
      return changed;
    },
  };
};

/** ITU T.81, B.1: segments with a marker and a length, up to the scan. */
const jpeg: ReadAnatomy = (bytes) => {
  const parts: Part[] = [];
  const fields: Field[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const to = at + 2 + bytes.readUInt16BE(at + 2);
    parts.push({ from: at, to });
    fields.push(...fieldsAt('big', 1, at + 1), ...fieldsAt('big', 2, at + 2));
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xc2;
    if (isFrame) {
      fields.push(...fieldsAt('big', 2, at + 5, at + 7));
      fields.push(...fieldsAt('big', 1, at + 4, at + 9, at + 10, at + 11, at + 12));
    } else fields.push(...fieldsAt('big', 1, at + 4, at + 5, at + 6));
    at = to;
    if (marker === 0xda) break;
  }
  return { fields, parts };
};

/** TIFF 6.0, section 2: directories of entries of 12 bytes. */
const tiff: ReadAnatomy = (bytes) => {
  const order = bytes.toString('latin1', 0, 2) === 'II' ? 'little' : 'big';
  const u16 = (at: number) =>
    order === 'little' ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  const u32 = (at: number) =>
    order === 'little' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  const start = u32(4);
  const fields = [...fieldsAt(order, 4, 4), ...fieldsAt(order, 2, start)];
  const parts: Part[] = [];
  for (let i = 0; i < u16(start); i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > bytes.length) break;
    fields.push(...fieldsAt(order, 2, at, at + 2), ...fieldsAt(order, 4, at + 4, at + 8));
    parts.push({ from: at, to: at + 12 });
  }
  return { fields, parts };
};

const webp: ReadAnatomy = (bytes) => {
  const parts: Part[] = [];
  const fields = fieldsAt('little', 4, 4);
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4);
    const to = Math.min(bytes.length, at + 8 + length + (length % 2));
    parts.push({ from: at, to });
    fields.push(...fieldsAt('little', 4, at, at + 4));
    fields.push(...fieldsAt('little', 2, at + 8, at + 10, at + 14, at + 16));
    at = to;
  }
  return { fields, parts };
};

const gif: ReadAnatomy = (bytes) => ({
  fields: [
    ...fieldsAt('little', 2, 6, 8),
    ...fieldsAt('little', 1, 10, 11, 12),
    ...imageDescriptors(bytes).flatMap((at) =>
      fieldsAt('little', 2, at + 1, at + 3, at + 5, at + 7),
    ),
  ],
  parts: [{ from: 13, to: Math.min(bytes.length, 13 + 3 * 2 ** ((bytes[10] & 7) + 1)) }],
});

function imageDescriptors(bytes: Buffer): number[] {
  const at = bytes.indexOf(0x2c, 13);
  return at < 0 || at + 9 > bytes.length ? [] : [at];
}

/** ISO 14496-12, 4.2: boxes, some of them of boxes. */
const avif: ReadAnatomy = (bytes) => {
  const parts: Part[] = [];
  const fields: Field[] = [];
  const walk = (from: number, end: number) => {
    for (let at = from; at + 8 <= end;) {
      const to = at + bytes.readUInt32BE(at);
      if (to <= at + 8 || to > end) return;
      const kind = bytes.toString('latin1', at + 4, at + 8);
      parts.push({ from: at, to });
      fields.push(...fieldsAt('big', 4, at, at + 4));
      if (kind === 'ispe') fields.push(...fieldsAt('big', 4, at + 12, at + 16));
      if (kind === 'iloc') fields.push(...fieldsAt('big', 2, at + 14, at + 16, at + 20, at + 24));
      if (kind === 'meta') walk(at + 12, to);
      if (['iprp', 'ipco'].includes(kind)) walk(at + 8, to);
      at = to;
    }
  };
  walk(0, bytes.length);
  return { fields, parts };
};

const bmp: ReadAnatomy = (bytes) => ({
  fields: [
    ...fieldsAt('little', 4, 2, 10, 14, 18, 22, 30, 34, 46, 50),
    ...fieldsAt('little', 2, 0, 26, 28),
  ],
  parts: [
    { from: 14, to: 54 },
    { from: 54, to: Math.min(bytes.length, 58) },
  ],
});

/** What numbers in a text are is left to `textEdits`. */
const netpbm: ReadAnatomy = () => ({
  fields: fieldsAt('big', 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
  parts: [{ from: 3, to: 5 }],
});

const safetensors: ReadAnatomy = (bytes) => {
  const header = Number(bytes.readBigUInt64LE(0));
  const end = Math.min(bytes.length, 8 + header);
  return {
    fields: [...fieldsAt('little', 8, 0), ...fieldsAt('little', 4, 0, 4, end)],
    parts: [
      { from: 0, to: 8 },
      { from: 8, to: end },
      { from: end, to: Math.min(bytes.length, end + 64) },
    ],
  };
};

/** PKWARE's APPNOTE, 4.3: the entries, the central directory, and where that ends. */
const zip: ReadAnatomy = (bytes) => {
  const parts: Part[] = [];
  const fields: Field[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const signature = bytes.readUInt32LE(at);
    if (signature === 0x04034b50 && at + 30 <= bytes.length) {
      const lengths = bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
      const to = at + 30 + lengths + bytes.readUInt32LE(at + 18);
      if (to <= bytes.length) parts.push({ from: at, to });
      fields.push(...fieldsAt('little', 2, at + 6, at + 8, at + 26, at + 28));
      fields.push(...fieldsAt('little', 4, at + 14, at + 18, at + 22));
    } else if (signature === 0x02014b50 && at + 46 <= bytes.length) {
      const lengths = [28, 30, 32].reduce((sum, place) => sum + bytes.readUInt16LE(at + place), 0);
      if (at + 46 + lengths <= bytes.length) parts.push({ from: at, to: at + 46 + lengths });
      fields.push(...fieldsAt('little', 2, at + 8, at + 10, at + 28, at + 30, at + 32));
      fields.push(...fieldsAt('little', 4, at + 16, at + 20, at + 24, at + 42));
    } else if (signature === 0x06054b50 && at + 22 <= bytes.length) {
      parts.push({ from: at, to: at + 22 });
      fields.push(...fieldsAt('little', 2, at + 8, at + 10, at + 20));
      fields.push(...fieldsAt('little', 4, at + 12, at + 16));
    }
  }
  return { fields, parts, isChecked: true, repair: repairZip };
};

/** The checksum of each entry that is where the directory says. */
function repairZip(bytes: Buffer): Buffer {
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) continue;
    const local = bytes.readUInt32LE(at + 42);
    const size = bytes.readUInt32LE(at + 20);
    if (local + 30 > bytes.length || bytes.readUInt32LE(local) !== 0x04034b50) continue;
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    if (from + size > bytes.length) continue;
    const sum = crc32(bytes.subarray(from, from + size));
    bytes.writeUInt32LE(sum, at + 16);
    bytes.writeUInt32LE(sum, local + 14);
  }
  return bytes;
}

/** Protocol Buffers' wire format: keys, and what follows them; fields of fields where they parse. */
const protobuf: ReadAnatomy = (bytes) => {
  const parts: Part[] = [];
  const fields: Field[] = [];
  const varint = (at: number, end: number): [value: number, next: number] | null => {
    let value = 0;
    for (let i = at; i < end && i < at + 8; i++) {
      value += (bytes[i] & 0x7f) * 2 ** (7 * (i - at));
      if (bytes[i] < 0x80) return [value, i + 1];
    }
    return null;
  };
  /** @returns what was found, or null where this is no message */
  const walk = (from: number, end: number, depth: number): Anatomy | null => {
    const found: Anatomy = { fields: [], parts: [] };
    for (let at = from; at < end;) {
      const key = varint(at, end);
      if (!key || key[0] >> 3 === 0) return null;
      const wire = key[0] & 7;
      found.fields.push(...fieldsAt('little', 1, at));
      if (wire === 2) {
        const length = varint(key[1], end);
        if (!length || length[1] + length[0] > end) return null;
        found.fields.push(...fieldsAt('little', 1, key[1]));
        const to = length[1] + length[0];
        const inner = depth < 8 && length[0] > 0 ? walk(length[1], to, depth + 1) : null;
        if (inner) {
          found.fields.push(...inner.fields);
          found.parts.push(...inner.parts);
        }
        found.parts.push({ from: at, to });
        at = to;
        continue;
      }
      const value = wire === 0 ? varint(key[1], end) : null;
      const to = value ? value[1] : wire === 5 ? key[1] + 4 : wire === 1 ? key[1] + 8 : Infinity;
      if (to > end) return null;
      found.fields.push(...fieldsAt('little', 1, key[1]));
      found.parts.push({ from: at, to });
      at = to;
    }
    return found;
  };
  return walk(0, bytes.length, 0) ?? { fields, parts };
};

const npy: ReadAnatomy = (bytes) => ({
  fields: [...fieldsAt('little', 1, 6, 7), ...fieldsAt('little', 2, 8)],
  parts: [{ from: 10, to: Math.min(bytes.length, 128) }],
});

/** By the ending of a file's name; of other files nothing is known. */
const READERS: Record<string, ReadAnatomy> = {
  png,
  jpg: jpeg,
  tif: tiff,
  webp,
  gif,
  avif,
  bmp,
  pgm: netpbm,
  ppm: netpbm,
  pbm: netpbm,
  safetensors,
  pth: zip,
  onnx: protobuf,
  npy,
};

/** @param ending of the file's name, without its dot */
export function anatomyOf(ending: string, bytes: Buffer): Anatomy {
  const { fields, parts, ...rest } = READERS[ending]?.(bytes) ?? { fields: [], parts: [] };
  return {
    ...rest,
    fields: fields.filter(({ at, size }) => at >= 0 && at + size <= bytes.length),
    parts: parts.filter(({ from, to }) => from >= 0 && from < to && to <= bytes.length),
  };
}
