import sharp from 'sharp';
import { decodeBmp, isBmp } from './bmp';
import { ImageFileError } from './image-file-error';
import { IMAGE_FORMATS } from './image-formats';
import { readImageBytes } from './read-image-bytes';

/** An image as stored, upright, without alpha. */
export interface DecodedImage {
  width: number;
  height: number;
  /** RGB, length height * width * 3; 16 bits a channel only where asked for. */
  data: Uint8Array | Uint16Array;
  /** 'png', 'jpeg', 'tiff', 'webp' or 'bmp'. */
  format: string;
}

const FORMATS = ['png', 'jpeg', 'tiff', 'webp'];

// Images are decoded several at a time (see load-images), one thread each; and a cache of decoded
// files would only cost memory, since each is read once.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes a file to RGB.
 *
 * - greyscale: the value in all three channels; palette: its colours
 * - alpha: dropped, the colours kept as stored. Nothing is composited, because any background
 *   would be invented; it is also what PIL's `convert('RGB')` gives
 * - 16 bits: the high byte (`depth: 8`)
 * - EXIF orientation: applied, so that the image stands as a viewer shows it
 * - CMYK: converted to sRGB; other colour profiles are ignored, as PIL and torchvision do
 * - several pages: the first
 *
 * @param depth 8, or 16 to keep every non-zero value non-zero (masks)
 * @throws ImageFileError when the file is missing, empty, truncated, damaged or not an image
 */
export async function decode(file: string, depth: 8 | 16 = 8): Promise<DecodedImage> {
  const bytes = await readImageBytes(file);
  if (isBmp(bytes)) return { ...decodeBmp(file, bytes), format: 'bmp' };

  const open = () => sharp(bytes, { failOn: 'error', ignoreIcc: true });
  const { format } = await refuseOnError(file, bytes, () => open().metadata());
  if (!FORMATS.includes(format)) {
    throw new ImageFileError(file, `a ${IMAGE_FORMATS} image`, `${format.toUpperCase()} content`);
  }
  const { data, info } = await refuseOnError(file, bytes, () =>
    open()
      .autoOrient()
      .removeAlpha()
      .toColourspace(depth === 8 ? 'srgb' : 'rgb16')
      .raw({ depth: depth === 8 ? 'uchar' : 'ushort' })
      .toBuffer({ resolveWithObject: true }),
  );
  const { width, height } = info;
  if (depth === 8) return { width, height, data, format };
  // A copy: a buffer from a pool need not start on an even byte.
  const words = new Uint16Array(new Uint8Array(data).buffer);
  return { width, height, data: words, format };
}

/**
 * Width and height of an image as it stands upright, in pixels; reads the header only (of a BMP,
 * everything).
 *
 * @throws ImageFileError as `decode` does, except for damage behind the header
 */
export async function imageSize(file: string): Promise<[width: number, height: number]> {
  const bytes = await readImageBytes(file);
  if (isBmp(bytes)) {
    const { width, height } = decodeBmp(file, bytes);
    return [width, height];
  }
  const { autoOrient } = await refuseOnError(file, bytes, () => sharp(bytes).metadata());
  return [autoOrient.width, autoOrient.height];
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
  if (/pixel limit/.test(message)) return 'more pixels than the 268 million that are read';
  return `a truncated or damaged file (${message.trim().replace(/:$/, '')})`;
}

/** The first bytes in readable form: "<html>", or hexadecimal. */
function beginning(bytes: Buffer): string {
  const head = bytes.subarray(0, 12);
  const text = head.toString('latin1');
  const readable = /^[\x20-\x7e\s]+$/.test(text);
  return `it begins with ${readable ? JSON.stringify(text) : head.toString('hex')}`;
}
