import type { ImageSize } from '../../metrics/scores';

/** Throws the caller's error, which says what was found. */
type Refuse = (found: string) => never;

/** What is expected where a bitmap is of a kind that is not read. */
export const BMP_KINDS = 'an uncompressed 1, 4, 8, 24 or 32-bit BMP image';

/** What a bitmap's header says. */
export interface BmpHeader extends ImageSize {
  bits: number;
  /** Whether the first row stored is the lowest, as is usual. */
  bottomFirst: boolean;
  /** Where the palette starts, in bytes, and its number of colours; it counts up to 8 bits only. */
  palette: { start: number; colours: number };
  /** Where the rows start, and how far one lies from the next, in bytes. */
  start: number;
  stride: number;
}

const BI_RGB = 0;
const BI_BITFIELDS = 3;

/** Whether these bytes begin like a Windows bitmap. */
export function isBmp(bytes: Buffer): boolean {
  return bytes.length > 1 && bytes.toString('latin1', 0, 2) === 'BM';
}

/** Refuses the run-length, 16-bit and other rare kinds. */
export function readBmpHeader(bytes: Buffer, refuse: Refuse): BmpHeader {
  if (bytes.length < 54) refuse(`a BMP header cut short (${bytes.length} bytes)`);
  const headerSize = bytes.readUInt32LE(14);
  if (headerSize < 40) refuse(`an OS/2 BMP (header of ${headerSize} bytes)`);
  const width = bytes.readInt32LE(18);
  const signedHeight = bytes.readInt32LE(22);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) refuse(`a size of ${width} x ${signedHeight} pixels`);

  const bits = bytes.readUInt16LE(28);
  const compression = bytes.readUInt32LE(30);
  const plain = compression === BI_RGB && [1, 4, 8, 24, 32].includes(bits);
  if (!plain && !(compression === BI_BITFIELDS && bits === 32 && hasUsualMasks(bytes))) {
    refuse(`${bits} bits with compression ${compression}`);
  }
  const palette = {
    start: 14 + headerSize,
    colours: Math.min(bytes.readUInt32LE(46) || 2 ** bits, 256),
  };
  const start = bytes.readUInt32LE(10);
  const earliest = palette.start + (bits <= 8 ? 4 * palette.colours : 0);
  if (start < earliest) refuse(`pixels at byte ${start}, inside its header of ${earliest} bytes`);
  return {
    height,
    width,
    bits,
    bottomFirst: signedHeight > 0,
    palette,
    start,
    stride: Math.ceil((width * bits) / 32) * 4,
  };
}

/**
 * Decodes an uncompressed Windows bitmap, the usual output of industrial cameras, which sharp's
 * prebuilt library leaves out. 1, 4 and 8 bits with a palette, 24 and 32 bits of blue, green, red
 * (and ignored alpha).
 *
 * @returns RGB, [height, width, 3]
 */
export function decodeBmp(bytes: Buffer, header: BmpHeader, refuse: Refuse): Uint8Array {
  const { height, width, bits, palette, start, stride } = header;
  const end = start + stride * height;
  if (bytes.length < end) refuse(`a truncated file (${bytes.length} of ${end} bytes)`);
  if (bits <= 8 && bytes.length < palette.start + 4 * palette.colours) {
    refuse('a palette cut short');
  }
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = start + stride * (header.bottomFirst ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      let colour = row + (x * bits) / 8;
      if (bits <= 8) {
        const index = paletteIndex(bytes, row, x, bits);
        if (index >= palette.colours) refuse(`palette entry ${index} of ${palette.colours}`);
        colour = palette.start + 4 * index;
      }
      const out = 3 * (y * width + x);
      data[out] = bytes[colour + 2];
      data[out + 1] = bytes[colour + 1];
      data[out + 2] = bytes[colour];
    }
  }
  return data;
}

function paletteIndex(bytes: Buffer, row: number, x: number, bits: number): number {
  const perByte = 8 / bits;
  const shift = 8 - bits * ((x % perByte) + 1);
  return (bytes[row + Math.floor(x / perByte)] >> shift) & (2 ** bits - 1);
}

function hasUsualMasks(bytes: Buffer): boolean {
  const [red, green, blue] = [54, 58, 62].map((at) => bytes.length >= 66 && bytes.readUInt32LE(at));
  return red === 0xff0000 && green === 0xff00 && blue === 0xff;
}
