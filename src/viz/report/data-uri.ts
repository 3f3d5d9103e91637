import type { RgbImage } from '../../lib/data/image';
import { loadSharp } from '../../lib/data/sharp';

/** A picture as a WebP data URI, for a page that opens without any other file. */
export async function imageUri({ data, width, height }: RgbImage): Promise<string> {
  const sharp = loadSharp();
  const webp = await sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: 82, effort: 4 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}
