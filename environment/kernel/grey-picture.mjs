import { createRequire } from 'node:module';

/** A picture is at least so wide. */
const leastWidth = 192;

/**
 * A picture of a tensor, as one thread tells another of it.
 * @typedef {object} GreyPicture
 * @property {number} width
 * @property {number} height
 * @property {string} grey its pixels from 0 to 255, row by row, in base64
 * @property {string} caption
 */

/**
 * @param {GreyPicture} picture
 * @returns {Promise<string>} a PNG in base64, each pixel enlarged where they are few
 */
export async function pngOf({ width, height, grey }) {
  const sharp = createRequire(import.meta.url)('sharp');
  const factor = Math.max(1, Math.ceil(leastWidth / width));
  /** @type {Buffer} */
  const file = await sharp(Buffer.from(grey, 'base64'), { raw: { width, height, channels: 1 } })
    .resize(width * factor, height * factor, { kernel: 'nearest' })
    .png()
    .toBuffer();
  return file.toString('base64');
}
