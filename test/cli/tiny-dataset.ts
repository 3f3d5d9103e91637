import * as fs from 'node:fs';
import * as path from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/lib/random/random';

const SIDE = 64;

export interface TinyDatasetOptions {
  /** Train images. Default 4. */
  train?: number;
  /** Good test images, and as many of each of the two defects. Default 2. */
  test?: number;
}

/**
 * Writes a category "dots" in MVTec AD's layout: 64 x 64 pixels, a grey gradient with noise; the
 * defects "spot" and "line" are bright.
 *
 * @returns the data set's folder
 */
export async function writeTinyDataset(
  root: string,
  { train = 4, test = 2 }: TinyDatasetOptions = {},
): Promise<string> {
  const random = Random.fromSeed(5).fork('tiny data set');
  const write = async (name: string, isDefect: (x: number, y: number) => boolean) => {
    const pixels = new Uint8Array(3 * SIDE * SIDE);
    const mask = new Uint8Array(SIDE * SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) {
      const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
      const defect = isDefect(x, y);
      mask[i] = defect ? 255 : 0;
      const value = defect ? 250 : 40 + 2 * x + Math.floor(random.uniform(0, 20));
      pixels.fill(value, 3 * i, 3 * i + 3);
    }
    await writePng(path.join(root, 'dots', `${name}.png`), pixels, 3);
    return mask;
  };
  for (let i = 0; i < train; i++) await write(`train/good/${i}`, () => false);
  for (let i = 0; i < test; i++) {
    await write(`test/good/${i}`, () => false);
    const defects = {
      spot: (x: number, y: number) => Math.hypot(x - 20 - i, y - 30) < 7,
      line: (x: number, y: number) => Math.abs(x - y - 5 * i) < 3,
    };
    for (const [defect, isDefect] of Object.entries(defects)) {
      const mask = await write(`test/${defect}/${i}`, isDefect);
      await writePng(path.join(root, 'dots', 'ground_truth', defect, `${i}_mask.png`), mask, 1);
    }
  }
  return root;
}

async function writePng(file: string, data: Uint8Array, channels: 1 | 3): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await sharp(data, { raw: { width: SIDE, height: SIDE, channels } })
    .png()
    .toFile(file);
}
