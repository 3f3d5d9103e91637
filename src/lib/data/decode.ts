import { inspect } from 'node:util';
import { ImageFileError } from '../files/file-error';
import { MissingPackageError } from '../files/optional-package';
import { readRegularFile } from '../files/read-file';
import type { ImageSize } from '../metrics/scores';
import { BMP_KINDS, decodeBmp, isBmp, readBmpHeader } from './formats/bmp';
import { jpegFault } from './formats/jpeg';
import { IMAGE_FORMATS, kindByContent } from './formats/kinds';
import { isNetpbm, readNetpbmHeader, readNetpbmValues } from './formats/netpbm';
import type { NetpbmHeader } from './formats/netpbm';
import { isTiff, readTiffPage } from './formats/tiff';
import { InFlight } from './in-flight';
import {
  DECODED_BYTES_IN_FLIGHT,
  MAX_DECODED_BYTES,
  MAX_FILE_BYTES,
  MAX_PIXELS,
  MAX_SIDE,
} from '../files/limits';
import { loadSharp } from './sharp';
import { largestValue, rangeFault, toRgb8 } from './value-range';
import type { RawValues, Samples, ValueRange } from './value-range';

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
  /** 'png', 'jpeg', 'tiff', 'webp', 'gif', 'avif', 'bmp' or 'netpbm'. */
  format: string;
  /** The whole file. */
  bytes: Buffer;
  /** What its values are stored as. 'uint8': also where the format says what white is. */
  samples: Samples;
  /** Of the values as stored, alpha aside; of 8-bit values 3, as they are decoded. */
  channels: 1 | 3;
  /** Whether the values are stored with 0 as white. */
  isInverted: boolean;
}

/**
 * Reads an image file's header.
 *
 * @throws ImageFileError when the file is missing, empty, no regular file, not an image or of a kind that is not read
 *   (an animation, for one), its header is truncated or damaged, or it is larger than the limits
 */
export async function openImage(file: string): Promise<OpenedImage> {
  const bytes = await readRegularFile(file, MAX_FILE_BYTES, (found, cause) =>
    refuse(file, found, `a ${IMAGE_FORMATS} image`, cause),
  );
  return openImageBytes(file, bytes);
}

/**
 * The same for a file's content.
 *
 * @param file what errors call it
 */
export async function openImageBytes(file: string, bytes: Buffer): Promise<OpenedImage> {
  if (bytes.length === 0) refuse(file, 'an empty file (0 bytes)', `a ${IMAGE_FORMATS} image`);
  const image = await openBytes(file, bytes);
  requireWithinLimits(image);
  return image;
}

async function openBytes(file: string, bytes: Buffer): Promise<OpenedImage> {
  const plain = { file, bytes, samples: 'uint8', channels: 3, isInverted: false } as const;
  if (isBmp(bytes)) return { ...plain, format: 'bmp', ...bmpHeader(file, bytes) };
  if (isNetpbm(bytes)) {
    const { width, height, channels, white } = netpbmHeader(file, bytes);
    const isDeep = white === 65535;
    const values = isDeep ? ({ samples: 'uint16', channels } as const) : {};
    return { ...plain, format: 'netpbm', width, height, ...values };
  }
  const found = kindByContent(bytes) ?? (isJpeg(bytes) ? jpegFault(bytes) : null);
  if (found !== null) refuse(file, found);
  const page = isTiff(bytes) ? readTiffPage(bytes) : null;
  if (typeof page === 'string') refuse(file, page);
  const metadata = await refuseOnError(file, bytes, () => open(bytes).metadata());
  const { autoOrient, pages = 1, depth, space, compression } = metadata;
  const { height, width } = autoOrient;
  const format = metadata.format === 'heif' && compression === 'av1' ? 'avif' : metadata.format;
  if (format === 'heif') refuse(file, `HEIC content (${compression ?? 'HEIF'})`);
  if (!READ_BY_SHARP.includes(format)) refuse(file, `${format.toUpperCase()} content`);
  const frames = isAnimatedPng(bytes) ? 2 : format === 'tiff' ? 1 : pages;
  if (frames > 1) refuse(file, 'an animation, or several pictures in one file');
  const image = { ...plain, format, height, width };
  const channels = ['grey16', 'b-w'].includes(space) ? 1 : 3;
  if (format === 'png' && depth === 'ushort') return { ...image, samples: 'uint16', channels };
  if (!page || page.photometric > 2 || page.bits < 16) return image;
  const samples = page.sampleFormat === 3 ? 'float' : page.bits === 16 ? 'uint16' : 'uint32';
  return { ...image, samples, channels, isInverted: page.photometric === 0 };
}

const READ_BY_SHARP = ['png', 'jpeg', 'tiff', 'webp', 'gif', 'avif'];

function refuse(
  file: string,
  found: string,
  expected = `a whole ${IMAGE_FORMATS} image`,
  cause?: unknown,
): never {
  throw new ImageFileError(file, expected, found, { cause });
}

const bmpHeader = (file: string, bytes: Buffer) =>
  readBmpHeader(bytes, (found) => refuse(file, found, BMP_KINDS));

function netpbmHeader(file: string, bytes: Buffer): NetpbmHeader {
  const header = readNetpbmHeader(bytes);
  return typeof header === 'string' ? refuse(file, header, 'a whole PGM, PPM or PBM') : header;
}

function isJpeg(bytes: Buffer): boolean {
  return bytes.toString('hex', 0, 3) === 'ffd8ff';
}

/** Whether a PNG has the chunk by which it is an animation, which stands before the pixels. */
function isAnimatedPng(bytes: Buffer): boolean {
  if (bytes.toString('hex', 0, 4) !== '89504e47') return false;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const kind = bytes.toString('latin1', at + 4, at + 8);
    if (kind === 'acTL') return true;
    if (kind === 'IDAT') return false;
  }
  return false;
}

const millions = (count: number) => `${Math.floor(count / 1e6)} million`;

function requireWithinLimits(image: OpenedImage): void {
  const { file, height, width, samples } = image;
  const expected = `a ${IMAGE_FORMATS} image`;
  if (Math.max(height, width) > MAX_SIDE) {
    refuse(file, `${width} x ${height} pixels, a side above the limit of ${MAX_SIDE}`, expected);
  }
  const limit = Math.min(MAX_PIXELS, Math.floor(MAX_DECODED_BYTES / bytesPerPixel(image)));
  if (height * width <= limit) return;
  const of = samples === 'uint8' ? '' : ` for ${samples === 'uint16' ? 16 : 32} bits a channel`;
  refuse(file, `more pixels than the limit of ${millions(limit)}${of}`, expected);
}

function bytesPerPixel({ samples, channels }: OpenedImage): number {
  return channels * { uint8: 1, uint16: 2, uint32: 4, float: 4 }[samples];
}

/** What decodes pictures one beside the other asks here first. */
const inFlight = new InFlight(DECODED_BYTES_IN_FLIGHT);

/**
 * Decodes an image to RGB, [height, width, 3].
 *
 * - greyscale: the value in all three channels; palette: its colours
 * - alpha: dropped, the colours kept as stored. Nothing is composited, because any background
 *   would be invented; it is also what PIL's `convert('RGB')` gives
 * - more than 8 bits (`depth` 8): by `range`; without one the high byte of 16 bits, where all of them are used
 * - EXIF orientation: applied, so that the image stands as a viewer shows it
 * - CMYK: converted to sRGB; other colour profiles are ignored, as PIL and torchvision do
 *
 * Pictures that are decoded at the same time wait for one another where they would take too much memory together.
 *
 * @param depth 8, or 16 to keep every non-zero value non-zero (masks); a BMP has 8 bits either way
 * @param range the scale of the data set, for pictures with more than 8 bits a channel
 * @throws ImageFileError when the file is truncated or damaged, or its values do not fit the range
 */
export async function decode(
  image: OpenedImage,
  depth?: 8,
  range?: ValueRange | null,
): Promise<Uint8Array>;
export async function decode(image: OpenedImage, depth: 16): Promise<Uint8Array | Uint16Array>;
export async function decode(
  image: OpenedImage,
  depth: 8 | 16 = 8,
  range: ValueRange | null = null,
): Promise<Uint8Array | Uint16Array> {
  return depth === 16
    ? reserve(image, 6, () => decodeMask(image))
    : decodeThen(image, range, (data) => data);
}

/** Decodes an image and does something with its pixels before the next ones take their memory; as `decode`. */
export async function decodeThen<T>(
  image: OpenedImage,
  range: ValueRange | null,
  use: (data: Uint8Array) => T,
): Promise<T> {
  const bytes = image.samples === 'uint8' ? 3 : 3 + bytesPerPixel(image);
  return reserve(image, bytes, async () => use(await decodeRgb(image, range)));
}

/** @param bytes that a pixel takes */
function reserve<T>({ height, width }: ImageSize, bytes: number, work: () => Promise<T>) {
  return inFlight.run(height * width * bytes, work);
}

async function decodeRgb(image: OpenedImage, range: ValueRange | null): Promise<Uint8Array> {
  const { samples, channels, isInverted } = image;
  if (samples === 'uint8') {
    if (range?.samples !== 'uint8') {
      requireRange(image, 255, range);
      return decodeBytes(image);
    }
    const bytes = await decodeBytes(image);
    requireRange(image, requireBrightness(image, bytes), range);
    return toRgb8(bytes, 3, range);
  }
  const values = await decodeValues(image);
  const max = requireBrightness(image, values);
  requireRange(image, max, range);
  const scale = range ?? FULL_16_BITS;
  if (isInverted) for (let i = 0; i < values.length; i++) values[i] = scale.white - values[i];
  return toRgb8(values, channels, scale);
}

const FULL_16_BITS: ValueRange = { samples: 'uint16', white: 65535 };

function requireRange({ file, samples }: OpenedImage, max: number, range: ValueRange | null) {
  const fault = rangeFault(samples, max, range);
  if (fault) throw new ImageFileError(file, ...fault);
}

function requireBrightness({ file }: OpenedImage, values: RawValues): number {
  const max = largestValue(values);
  return typeof max === 'string' ? refuse(file, max, 'finite values of at least 0') : max;
}

/**
 * The largest value of an image, as it is stored.
 *
 * @throws ImageFileError as `decode` does
 */
export async function largestValueOf(image: OpenedImage): Promise<number> {
  return reserve(image, bytesPerPixel(image), async () =>
    requireBrightness(
      image,
      image.samples === 'uint8' ? await decodeBytes(image) : await decodeValues(image),
    ),
  );
}

/** Of an image of 8 bits, or whose format says what white is. */
async function decodeBytes(image: OpenedImage): Promise<Uint8Array> {
  const { file, format, bytes } = image;
  if (format === 'bmp') {
    const stop = (found: string) => refuse(file, found, BMP_KINDS);
    return decodeBmp(bytes, bmpHeader(file, bytes), stop);
  }
  if (format === 'netpbm') return decodeNetpbm(image, (share) => Math.round(255 * share));
  return refuseOnError(file, bytes, () =>
    open(bytes).autoOrient().removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer(),
  );
}

function decodeNetpbm({ file, bytes }: OpenedImage, byteOf: (share: number) => number): Uint8Array {
  const header = netpbmHeader(file, bytes);
  const values = netpbmValues(file, bytes, header);
  const rgb = new Uint8Array(3 * header.width * header.height);
  const repeat = 3 / header.channels;
  for (let i = 0; i < rgb.length; i++) {
    rgb[i] = byteOf(values[Math.floor(i / repeat)] / header.white);
  }
  return rgb;
}

function netpbmValues(file: string, bytes: Buffer, header: NetpbmHeader): Uint16Array {
  const values = readNetpbmValues(bytes, header);
  return typeof values === 'string' ? refuse(file, values, 'a whole PGM, PPM or PBM') : values;
}

/** Values with more than 8 bits as they are stored, [height, width, channels], upright. */
async function decodeValues({ file, format, bytes, samples, channels, isInverted }: OpenedImage) {
  if (format === 'netpbm') return netpbmValues(file, bytes, netpbmHeader(file, bytes));
  const isGrey = channels === 1;
  // The names of the decoder's own colour spaces for such values, so that it converts nothing.
  const [space, depth] = (
    {
      uint16: [isGrey ? 'grey16' : 'rgb16', 'ushort'],
      uint32: ['b-w', 'uint'],
      float: [isGrey ? 'b-w' : 'scrgb', 'float'],
      uint8: ['srgb', 'uchar'],
    } as const
  )[samples];
  const buffer = await refuseOnError(file, bytes, () =>
    open(bytes).autoOrient().removeAlpha().toColourspace(space).raw({ depth }).toBuffer(),
  );
  // A copy where it does not start at a whole number: a buffer from a pool need not.
  const whole = buffer.byteOffset % 4 === 0 ? buffer : new Uint8Array(buffer);
  const place = [whole.buffer, whole.byteOffset] as const;
  const values =
    samples === 'float'
      ? new Float32Array(...place, whole.byteLength / 4)
      : samples === 'uint32'
        ? new Uint32Array(...place, whole.byteLength / 4)
        : new Uint16Array(...place, whole.byteLength / 2);
  // The decoder has turned them round within all 16 bits.
  if (isInverted) for (let i = 0; i < values.length; i++) values[i] = 65535 - values[i];
  return values;
}

/** For masks: no value above zero becomes zero. */
async function decodeMask(image: OpenedImage): Promise<Uint8Array | Uint16Array> {
  const { file, format, bytes, samples, channels } = image;
  if (format === 'bmp') return decodeBytes(image);
  if (format === 'netpbm') return decodeNetpbm(image, (share) => Math.ceil(255 * share));
  if (samples === 'float' || samples === 'uint32') {
    const values = await decodeValues(image);
    const max = requireBrightness(image, values);
    // Shares of 1 as shares of white; whole numbers, such as labels, as they are.
    const factor = samples === 'float' && max <= 1 ? 65535 : 1;
    const data = new Uint16Array((values.length * 3) / channels);
    for (let i = 0; i < data.length; i++) {
      const value = values[channels === 1 ? Math.floor(i / 3) : i];
      data[i] = Math.min(65535, Math.ceil(value * factor));
    }
    return data;
  }
  const pixels = await refuseOnError(file, bytes, () =>
    open(bytes)
      .autoOrient()
      .removeAlpha()
      .toColourspace('rgb16')
      .raw({ depth: 'ushort' })
      .toBuffer(),
  );
  // A copy: a buffer from a pool need not start on an even byte.
  return new Uint16Array(new Uint8Array(pixels).buffer);
}

/**
 * A JPEG decoder fills in what is missing and only warns of it, also inside a TIFF: a file cut in the middle and closed
 * with its end mark would pass for a whole one. So warnings count as errors.
 */
function open(bytes: Buffer) {
  return loadSharp()(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: MAX_PIXELS });
}

async function refuseOnError<T>(file: string, bytes: Buffer, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MissingPackageError) throw error;
    return refuse(file, complaint(bytes, error), undefined, error);
  }
}

/** How PNG, JPEG, TIFF, WebP, GIF and AVIF files begin. */
const SIGNATURES =
  /^(89504e47|ffd8ff|49492a00|4d4d002a|49492b00|4d4d002b|52494646|47494638|.{8}66747970)/;

function complaint(bytes: Buffer, error: unknown): string {
  const [message] = (error as Error).message.split('\n');
  if (/unsupported image format/.test(message)) {
    const image = SIGNATURES.test(bytes.toString('hex', 0, 8));
    return image ? 'a truncated or damaged file' : `something else (${beginning(bytes)})`;
  }
  if (/pixel limit/.test(message)) return `more pixels than the limit of ${millions(MAX_PIXELS)}`;
  // What a warning about a TIFF can mean: damaged pixels, or tags out of order or of a wrong type. Of images that are read
  // at the same time, libvips may give one the words of another: so this says no less than what stands below.
  if (/treated as error/.test(message))
    return "a truncated or damaged file, or one that breaks its format's rules";
  return `a truncated or damaged file (${message.trim().replace(/:$/, '')})`;
}

/** The first bytes in readable form: "<html>", or hexadecimal. */
function beginning(bytes: Buffer): string {
  const head = bytes.subarray(0, 12);
  const text = head.toString('latin1');
  const readable = /^[\x20-\x7e\s]+$/.test(text);
  return `it begins with ${readable ? JSON.stringify(text) : head.toString('hex')}`;
}
