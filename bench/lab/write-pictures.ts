import { mkdirSync } from 'fs';
import * as path from 'path';
import sharp from 'sharp';
import type { Random } from '../../src/lib/random/random';
import { syntheticPixels } from './synthetic';

/** Of MVTec AD's bottles. */
const SIDE = 900;
const COUNT = 8;

/** Writes PNG files as a camera would give them: larger than what the networks see. */
export async function writePictures(folder: string, random: Random): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const pixels = syntheticPixels(random, COUNT, SIDE);
  const length = pixels.length / COUNT;
  for (let i = 0; i < COUNT; i++) {
    await sharp(pixels.subarray(i * length, (i + 1) * length), {
      raw: { width: SIDE, height: SIDE, channels: 3 },
    })
      .png()
      .toFile(path.join(folder, `${i}.png`));
  }
}
