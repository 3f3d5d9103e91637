import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { Dataset, Sample } from '../../src/lib/data/sample';
import { mixedIntegers } from '../metrics/mixed-integers';

/** Noise pictures of 32 x 32 in a folder, all for training. */
export async function tinyDataset(folder: string, images: number): Promise<Dataset> {
  mkdirSync(folder, { recursive: true });
  const train: Sample[] = [];
  for (let i = 0; i < images; i++) {
    const file = path.join(folder, `${i}.png`);
    const pixels = Uint8Array.from(mixedIntegers(32 * 32 * 3, i * 2 ** 20));
    await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toFile(file);
    train.push({
      file,
      category: 'noise',
      split: 'train',
      defect: 'good',
      label: 0,
      maskFile: null,
    });
  }
  return { root: folder, category: 'noise', train, test: [], warnings: [] };
}
