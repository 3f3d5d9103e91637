import type { RgbImage } from '../../lib/data/image';
import { loadSharp } from '../../lib/data/sharp';
import { writeFileAtomic } from '../../lib/files/atomic-write';

/** Writes a picture as PNG, making its folder if needed. */
export async function writePng(file: string, { width, height, data }: RgbImage): Promise<void> {
  const picture = loadSharp()(data, { raw: { width, height, channels: 3 } });
  writeFileAtomic(file, await picture.png().toBuffer());
}
