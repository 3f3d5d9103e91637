import { decodeBmp, isBmp, readBmpHeader } from './bmp';
import { ImageFileError } from './image-file-error';
import { IMAGE_FORMATS, PIXEL_LIMIT, TOO_MANY_PIXELS } from './image-formats';
import type { ImageSize } from './image-size';
import { readImageBytes } from './read-image-bytes';
import { loadSharp } from './sharp';

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
 *   more pixels than are read
 */
export async function openImage(file: string): Promise<OpenedImage> {
  const bytes = await readImageBytes(file);
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
 * with its end mark would pass for a whole one, so that warnings count.
 */
function open(bytes: Buffer) {
  return loadSharp()(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: PIXEL_LIMIT });
}

async function refuseOnError<T>(file: string, bytes: Buffer, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
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
  // What a TIFF is warned for: damaged pixels, or tags out of order or of a wrong type.
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
