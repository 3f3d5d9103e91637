import * as fs from 'fs';
import * as path from 'path';
import type { RgbImage } from '../lib/data/image';
import { loadSharp } from '../lib/data/sharp';

/** Writes a picture as PNG, making its folder if needed. */
export async function writePng(file: string, { width, height, data }: RgbImage): Promise<void> {
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  await loadSharp()(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(file);
}
