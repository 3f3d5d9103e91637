/** What a TIFF's tags say, and its pixels as they are stored. */
export interface TiffContent {
  width: number;
  height: number;
  /** Default 8. */
  bits?: number;
  /** Default 1. */
  samples?: number;
  /** 1 unsigned (default), 2 signed, 3 floating point. */
  sampleFormat?: number;
  /** Default 1: none. */
  compression?: number;
  /** Default 1: black is zero. */
  photometric?: number;
  /** Of channels beside the colours: 1 premultiplied alpha, 2 alpha. */
  extraSamples?: number;
  /** Default 1: as a viewer shows it. */
  orientation?: number;
  data: Uint8Array;
}

/** The bytes of a TIFF with a page for each content, little-endian, each in one strip. */
export function tiffFile(...pages: TiffContent[]): Buffer {
  const parts: Buffer[] = [Buffer.from('49492a0008000000', 'hex')];
  let at = 8;
  pages.forEach((page, i) => {
    const { width, height, bits = 8, samples = 1, data } = page;
    const tags: [number, number[]][] = [
      [256, [width]],
      [257, [height]],
      [258, Array.from({ length: samples }, () => bits)],
      [259, [page.compression ?? 1]],
      [262, [page.photometric ?? 1]],
      [273, [0]],
      [274, [page.orientation ?? 1]],
      [277, [samples]],
      [278, [height]],
      [279, [data.length]],
      ...(page.extraSamples === undefined
        ? []
        : ([[338, [page.extraSamples]]] satisfies [number, number[]][])),
      [339, Array.from({ length: samples }, () => page.sampleFormat ?? 1)],
    ];
    const size = 2 + 12 * tags.length + 4;
    const long = tags.reduce(
      (sum, [, values]) => sum + (values.length > 2 ? 2 * values.length : 0),
      0,
    );
    const block = Buffer.alloc(size + long + data.length + (data.length % 2));
    const pixels = at + size + long;
    let beside = size;
    block.writeUInt16LE(tags.length, 0);
    tags.forEach(([tag, values], k) => {
      const entry = 2 + 12 * k;
      block.writeUInt16LE(tag, entry);
      // Counts and places as long numbers, all else as short ones.
      const isLong = tag === 273 || tag === 279;
      block.writeUInt16LE(isLong ? 4 : 3, entry + 2);
      block.writeUInt32LE(values.length, entry + 4);
      if (tag === 273) block.writeUInt32LE(pixels, entry + 8);
      else if (isLong) block.writeUInt32LE(values[0], entry + 8);
      else if (values.length <= 2)
        values.forEach((v, j) => block.writeUInt16LE(v, entry + 8 + 2 * j));
      else {
        block.writeUInt32LE(at + beside, entry + 8);
        for (const value of values) {
          block.writeUInt16LE(value, beside);
          beside += 2;
        }
      }
    });
    block.set(data, size + long);
    at += block.length;
    block.writeUInt32LE(i + 1 < pages.length ? at : 0, size - 4);
    parts.push(block);
  });
  return Buffer.concat(parts);
}

/** An array's memory. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Whole numbers of so many bits one after the other, each row from a whole byte on. */
export function packed(values: ArrayLike<number>, width: number, bits: number): Uint8Array {
  const rows: number[] = [];
  for (let start = 0; start < values.length; start += width) {
    let text = '';
    for (let x = 0; x < width; x++) text += values[start + x].toString(2).padStart(bits, '0');
    text = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
    for (let i = 0; i < text.length; i += 8) rows.push(parseInt(text.slice(i, i + 8), 2));
  }
  return Uint8Array.from(rows);
}
