import { extname } from 'node:path';

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

/** Images of more pixels are refused before memory is taken for them: 16383 x 16383, sharp's own limit. */
export const PIXEL_LIMIT = 16383 ** 2;

/** What a message says was found then. */
export const TOO_MANY_PIXELS = 'more pixels than the 268 million that are read';

/** Whether the name ends like an image's, in any case. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}
