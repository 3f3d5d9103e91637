import { extname } from 'node:path';

/** File name endings that are read as images, in lower case. */
export const IMAGE_EXTENSIONS: readonly string[] = [
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

/** Whether the name ends like an image's, in any case. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}
