/** Decoded pixels, 8 bits a channel, row-major, channels interleaved: what a canvas' ImageData is, too. */
export interface RawImage {
  width: number;
  height: number;
  /** [height, width, channels], with 1 channel (grey), 3 (RGB) or 4 (RGBA, whose alpha is dropped). */
  data: Uint8Array | Uint8ClampedArray;
  /** Default: as many as `data` has room for. */
  channels?: 1 | 3 | 4;
}

/** A Blob, a File or the response to a request. */
export interface BlobLike {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * An image in any form:
 * - a string: the path of a file; in the browser, an address
 * - a URL: `file:`, `http:`, `https:`, `data:` or, in the browser, `blob:`
 * - Uint8Array (so Buffer) or ArrayBuffer: the content of an image file
 * - Blob, File, Response: the same
 * - ImageData, or raw pixels with their shape
 */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | BlobLike | RawImage;

/** An image given as a value that cannot be used: says what was expected and what was found. */
export class ImageInputError extends Error {
  override name = 'ImageInputError';
}

export function isRawImage(image: unknown): image is RawImage {
  return isObject(image) && 'data' in image && 'width' in image && 'height' in image;
}

export function isBlobLike(image: unknown): image is BlobLike {
  return isObject(image) && typeof (image as Partial<BlobLike>).arrayBuffer === 'function';
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** @throws ImageInputError for what is no image in any form */
export function refuseInput(image: unknown): never {
  throw new ImageInputError(
    'Expected an image: a path, a URL, the bytes of an image file, a Blob, ImageData or raw pixels ' +
      `{ data, width, height }; found ${describeValue(image)}.`,
  );
}

/** What a value is, for a message. */
export function describeValue(value: unknown): string {
  if (!isObject(value)) return value === null ? 'null' : `${typeof value} ${String(value)}`;
  const name = (value as { constructor?: { name?: string } }).constructor?.name;
  return name === undefined || name === 'Object'
    ? `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing in it'}`
    : `${name}`;
}
