import { ImageFileError } from './image-file-error';

/** Colour bytes of an image, interleaved, rows from the top. */
interface Pixels {
  width: number;
  height: number;
  /** RGB, length height * width * 3. */
  data: Uint8Array;
}

const BI_RGB = 0;
const BI_BITFIELDS = 3;

/** Whether these bytes begin like a Windows bitmap. */
export function isBmp(bytes: Buffer): boolean {
  return bytes.length > 1 && bytes.toString('latin1', 0, 2) === 'BM';
}

/**
 * Decodes an uncompressed Windows bitmap, the usual output of industrial cameras, which sharp's
 * prebuilt library leaves out. 1, 4 and 8 bits with a palette, 24 and 32 bits of blue, green, red
 * (and ignored alpha).
 *
 * @throws ImageFileError for a truncated file, or for the run-length, 16-bit and other rare kinds
 */
export function decodeBmp(file: string, bytes: Buffer): Pixels {
  const refuse = (found: string): never => {
    throw new ImageFileError(file, 'an uncompressed 1, 4, 8, 24 or 32-bit BMP image', found);
  };
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

  const stride = Math.ceil((width * bits) / 32) * 4;
  const start = bytes.readUInt32LE(10);
  const end = start + stride * height;
  if (bytes.length < end) refuse(`a truncated file (${bytes.length} of ${end} bytes)`);

  const paletteStart = 14 + headerSize;
  const paletteSize = Math.min(bytes.readUInt32LE(46) || 2 ** bits, 256);
  if (bits <= 8 && bytes.length < paletteStart + 4 * paletteSize) refuse('a palette cut short');

  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    // Rows come bottom first unless the height is negative.
    const row = start + stride * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      let colour = row + (x * bits) / 8;
      if (bits <= 8) {
        const index = paletteIndex(bytes, row, x, bits);
        if (index >= paletteSize) refuse(`palette entry ${index} of ${paletteSize}`);
        colour = paletteStart + 4 * index;
      }
      const out = 3 * (y * width + x);
      data[out] = bytes[colour + 2];
      data[out + 1] = bytes[colour + 1];
      data[out + 2] = bytes[colour];
    }
  }
  return { width, height, data };
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
