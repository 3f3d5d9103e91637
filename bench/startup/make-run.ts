import { mkdirSync } from 'fs';
import * as path from 'path';
import sharp from 'sharp';
import type { Sample } from '../../src/lib/data/sample';
import { randomTeacher } from '../../src/lib/models/teacher';
import { Random } from '../../src/lib/random/random';
import { baselineConfig } from '../../src/lib/training/config';
import { trainDetector } from '../../src/lib/runs/train-detector';
import { syntheticPixels } from '../lab/synthetic';

const SIZE = 256;
const IMAGES = 2;

/** A finished run to predict with, and an image to predict. */
export interface PreparedRun {
  run: string;
  image: string;
}

/** Trains a detector for one epoch on two images of 256 x 256: what it has learnt does not matter here. */
export async function makeRun(folder: string): Promise<PreparedRun> {
  const images = path.join(folder, 'images');
  mkdirSync(images, { recursive: true });
  const pixels = syntheticPixels(Random.fromSeed(0), IMAGES, SIZE);
  const train: Sample[] = [];
  for (let i = 0; i < IMAGES; i++) {
    const file = path.join(images, `${i}.png`);
    const part = pixels.subarray(i * SIZE * SIZE * 3, (i + 1) * SIZE * SIZE * 3);
    await sharp(part, { raw: { width: SIZE, height: SIZE, channels: 3 } })
      .png()
      .toFile(file);
    train.push({
      file,
      category: 'bench',
      split: 'train',
      defect: 'good',
      label: 0,
      maskFile: null,
    });
  }
  const teacher = randomTeacher(0);
  const config = baselineConfig({
    category: 'bench',
    imageSize: SIZE,
    epochs: 1,
    batchSize: IMAGES,
  });
  const dataset = { root: images, category: 'bench', train, test: [], warnings: [] };
  const run = path.join(folder, 'run');
  await trainDetector(config, dataset, teacher, run);
  teacher.store.dispose();
  return { run, image: train[0].file };
}
