import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { inspect } from 'node:util';
import { ImageFileError } from '../files/file-error';
import { MissingPackageError } from '../files/optional-package';
import type { ImageSize } from '../metrics/scores';
import { loadSharp } from './sharp';

export { ImageFileError } from '../files/file-error';
export type { ImageSize } from '../metrics/scores';

/** File name endings that are read as images, in lower case. */
const IMAGE_EXTENSIONS: readonly string[] = [
  '.png',
  '.jpg',
  '.jpeg',
  '.bmp',
  '.tif',
  '.tiff',
  '.webp',
];

/** The same as a person would write them: for messages. */
export const IMAGE_FORMATS = 'PNG, JPEG, BMP, TIFF or WebP';

/** Images with more pixels are refused before memory is allocated for them: 16383 x 16383, sharp's own limit. */
const PIXEL_LIMIT = 16383 ** 2;

/** What the message then says was found. */
const TOO_MANY_PIXELS = 'more pixels than the limit of 268 million';

/** Whether the name ends like an image's, in any case. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}

/** @throws RangeError unless both sides are whole numbers of at least 1 */
export function checkSize({ height, width }: ImageSize): void {
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1)) {
    throw new RangeError(
      `A size must be { height, width } in whole pixels, found ${inspect({ height, width })}`,
    );
  }
}

/** An image file whose header has been read, but not yet its pixels; its size is that of the upright image. */
export interface OpenedImage extends ImageSize {
  file: string;
  /** 'png', 'jpeg', 'tiff', 'webp' or 'bmp'. */
  format: string;
  /** The whole file. */
  bytes: Buffer;
}

const FORMATS = ['png', 'jpeg', 'tiff', 'webp'];

/**
 * Reads an image file's header.
 *
 * @throws ImageFileError when the file is missing, empty or not an image, its header is truncated or damaged, or it has
 *   more pixels than the limit
 */
export async function openImage(file: string): Promise<OpenedImage> {
  return openImageBytes(file, await readImageBytes(file));
}

/**
 * The same for a file's content.
 *
 * @param file what errors call it
 */
export async function openImageBytes(file: string, bytes: Buffer): Promise<OpenedImage> {
  if (bytes.length === 0) refuseEmpty(file);
  if (isBmp(bytes)) {
    const { height, width } = readBmpHeader(file, bytes);
    return { file, format: 'bmp', bytes, height, width };
  }
  const { format, autoOrient } = await refuseOnError(file, bytes, () => open(bytes).metadata());
  if (!FORMATS.includes(format)) {
    throw new ImageFileError(file, `a ${IMAGE_FORMATS} image`, `${format.toUpperCase()} content`);
  }
  return { file, format, bytes, height: autoOrient.height, width: autoOrient.width };
}

/**
 * Decodes an image to RGB, [height, width, 3].
 *
 * - greyscale: the value in all three channels; palette: its colours
 * - alpha: dropped, the colours kept as stored. Nothing is composited, because any background
 *   would be invented; it is also what PIL's `convert('RGB')` gives
 * - 16 bits: the high byte (`depth` 8)
 * - EXIF orientation: applied, so that the image stands as a viewer shows it
 * - CMYK: converted to sRGB; other colour profiles are ignored, as PIL and torchvision do
 * - several pages: the first
 *
 * @param depth 8, or 16 to keep every non-zero value non-zero (masks); a BMP has 8 bits either way
 * @throws ImageFileError when the file is truncated or damaged
 */
export async function decode(image: OpenedImage): Promise<Uint8Array>;
export async function decode(image: OpenedImage, depth: 16): Promise<Uint8Array | Uint16Array>;
export async function decode(
  { file, format, bytes }: OpenedImage,
  depth: 8 | 16 = 8,
): Promise<Uint8Array | Uint16Array> {
  if (format === 'bmp') return decodeBmp(file, bytes);
  const pixels = await refuseOnError(file, bytes, () =>
    open(bytes)
      .autoOrient()
      .removeAlpha()
      .toColourspace(depth === 8 ? 'srgb' : 'rgb16')
      .raw({ depth: depth === 8 ? 'uchar' : 'ushort' })
      .toBuffer(),
  );
  if (depth === 8) return pixels;
  // A copy: a buffer from a pool need not start on an even byte.
  return new Uint16Array(new Uint8Array(pixels).buffer);
}

/**
 * A JPEG decoder fills in what is missing and only warns of it, also inside a TIFF: a file cut in the middle and closed
 * with its end mark would pass for a whole one. So warnings count as errors.
 */
function open(bytes: Buffer) {
  return loadSharp()(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: PIXEL_LIMIT });
}

async function refuseOnError<T>(file: string, bytes: Buffer, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MissingPackageError) throw error;
    throw new ImageFileError(file, `a whole ${IMAGE_FORMATS} image`, complaint(bytes, error), {
      cause: error,
    });
  }
}

/** How PNG, JPEG, TIFF and WebP files begin. */
const SIGNATURES = /^(89504e47|ffd8ff|49492a00|4d4d002a|52494646)/;

function complaint(bytes: Buffer, error: unknown): string {
  const [message] = (error as Error).message.split('\n');
  if (/unsupported image format/.test(message)) {
    const image = SIGNATURES.test(bytes.toString('hex', 0, 4));
    return image ? 'a truncated or damaged file' : `something else (${beginning(bytes)})`;
  }
  if (/pixel limit/.test(message)) return TOO_MANY_PIXELS;
  // What a warning about a TIFF can mean: damaged pixels, or tags out of order or of a wrong type.
  if (/treated as error/.test(message))
    return "a damaged file, or one that breaks its format's rules";
  return `a truncated or damaged file (${message.trim().replace(/:$/, '')})`;
}

/** The first bytes in readable form: "<html>", or hexadecimal. */
function beginning(bytes: Buffer): string {
  const head = bytes.subarray(0, 12);
  const text = head.toString('latin1');
  const readable = /^[\x20-\x7e\s]+$/.test(text);
  return `it begins with ${readable ? JSON.stringify(text) : head.toString('hex')}`;
}

/**
 * An image file's content. Read here rather than by the decoder, so that a missing file, a folder
 * and an empty file are told apart, and a file rewritten under the same name is read afresh.
 *
 * @throws ImageFileError naming the file
 */
async function readImageBytes(file: string): Promise<Buffer> {
  const expected = `a ${IMAGE_FORMATS} image`;
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'no such file'
        : code === 'EISDIR'
          ? 'a folder'
          : code === 'EACCES'
            ? 'a file without permission to read it'
            : message;
    throw new ImageFileError(file, expected, found, { cause: error });
  }
  return bytes;
}

function refuseEmpty(file: string): never {
  throw new ImageFileError(file, `a ${IMAGE_FORMATS} image`, 'an empty file (0 bytes)');
}

/** What a bitmap's header says. */
interface BmpHeader extends ImageSize {
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
function isBmp(bytes: Buffer): boolean {
  return bytes.length > 1 && bytes.toString('latin1', 0, 2) === 'BM';
}

function refuse(file: string, found: string): never {
  throw new ImageFileError(file, 'an uncompressed 1, 4, 8, 24 or 32-bit BMP image', found);
}

/** @throws ImageFileError for the run-length, 16-bit and other rare kinds, and for more pixels than the limit */
function readBmpHeader(file: string, bytes: Buffer): BmpHeader {
  if (bytes.length < 54) refuse(file, `a BMP header cut short (${bytes.length} bytes)`);
  const headerSize = bytes.readUInt32LE(14);
  if (headerSize < 40) refuse(file, `an OS/2 BMP (header of ${headerSize} bytes)`);
  const width = bytes.readInt32LE(18);
  const signedHeight = bytes.readInt32LE(22);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) refuse(file, `a size of ${width} x ${signedHeight} pixels`);
  if (height * width > PIXEL_LIMIT) refuse(file, TOO_MANY_PIXELS);

  const bits = bytes.readUInt16LE(28);
  const compression = bytes.readUInt32LE(30);
  const plain = compression === BI_RGB && [1, 4, 8, 24, 32].includes(bits);
  if (!plain && !(compression === BI_BITFIELDS && bits === 32 && hasUsualMasks(bytes))) {
    refuse(file, `${bits} bits with compression ${compression}`);
  }
  const palette = {
    start: 14 + headerSize,
    colours: Math.min(bytes.readUInt32LE(46) || 2 ** bits, 256),
  };
  const start = bytes.readUInt32LE(10);
  const earliest = palette.start + (bits <= 8 ? 4 * palette.colours : 0);
  if (start < earliest)
    refuse(file, `pixels at byte ${start}, inside its header of ${earliest} bytes`);
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
 * @throws ImageFileError as `readBmpHeader` does, and for a truncated file
 */
function decodeBmp(file: string, bytes: Buffer): Uint8Array {
  const header = readBmpHeader(file, bytes);
  const { height, width, bits, palette, start, stride } = header;
  const end = start + stride * height;
  if (bytes.length < end) refuse(file, `a truncated file (${bytes.length} of ${end} bytes)`);
  if (bits <= 8 && bytes.length < palette.start + 4 * palette.colours) {
    refuse(file, 'a palette cut short');
  }
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = start + stride * (header.bottomFirst ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      let colour = row + (x * bits) / 8;
      if (bits <= 8) {
        const index = paletteIndex(bytes, row, x, bits);
        if (index >= palette.colours) refuse(file, `palette entry ${index} of ${palette.colours}`);
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
