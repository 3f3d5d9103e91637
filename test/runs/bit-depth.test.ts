import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { judgeImages } from '../../src/cli/inputs/images-to-judge';
import type { Judgement } from '../../src/cli/inputs/images-to-judge';
import type { Dataset, Sample } from '../../src/lib/data/sample';
import { evaluateDetector } from '../../src/lib/evaluation/evaluate-detector';
import { findFinishedRun } from '../../src/lib/experiments/find-finished-run';
import { randomTeacher } from '../../src/lib/models/teacher';
import type { Teacher } from '../../src/lib/models/teacher';
import { createOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { exportRun } from '../../src/lib/runs/export-run';
import { openRun } from '../../src/lib/runs/open-run';
import { readRunConfig } from '../../src/lib/runs/run-config';
import { trainDetector } from '../../src/lib/runs/train-detector';
import { baselineConfig } from '../../src/lib/training/config';
import { RunFolder } from '../../src/lib/training/run-folder';
import { temporaryFolder } from '../data/temporary-folder';
import { bytesOf, tiffFile } from '../data/tiff-file';
import { mixedIntegers } from '../metrics/mixed-integers';

const size = { width: 40, height: 36 };
const config = baselineConfig({ category: 'part', imageSize: 32, epochs: 1, batchSize: 2 });

/** The same pictures of 12 bits, in 16-bit TIFF, and of 8, in PNG. */
async function writePictures(folder: string, kind: 'bits8' | 'bits12'): Promise<Dataset> {
  mkdirSync(folder, { recursive: true });
  const samples: Sample[] = [];
  for (let i = 0; i < 7; i++) {
    const numbers = mixedIntegers(size.width * size.height, i * 2 ** 16);
    const values = Uint16Array.from(numbers, (number) => number & 0xfff);
    const file = path.join(folder, `${i}.${kind === 'bits8' ? 'png' : 'tif'}`);
    if (kind === 'bits12') {
      writeFileSync(file, tiffFile({ ...size, bits: 16, data: bytesOf(values) }));
    } else {
      const upper = Uint8Array.from(values, (value) => value >> 4);
      await sharp(upper, { raw: { ...size, channels: 1 } })
        .png()
        .toFile(file);
    }
    const isTest = i >= 4;
    samples.push({
      file,
      category: 'part',
      split: isTest ? 'test' : 'train',
      defect: i > 5 ? 'stain' : 'good',
      label: i > 5 ? 1 : 0,
      maskFile: null,
    });
  }
  const [train, test] = (['train', 'test'] as const).map((part) =>
    samples.filter(({ split }) => split === part),
  );
  return { root: folder, category: 'part', train, test, warnings: [] };
}

describe('a run on pictures of 12 bits in 16-bit files', () => {
  const { path: at } = temporaryFolder();
  let teacher: Teacher;
  let eight: Dataset;
  let twelve: Dataset;

  before(async () => {
    teacher = randomTeacher(0);
    eight = await writePictures(at('eight'), 'bits8');
    twelve = await writePictures(at('twelve'), 'bits12');
    await trainDetector(config, eight, teacher, at('run8'));
    await trainDetector(config, twelve, teacher, at('run12'));
  });

  after(() => teacher.store.dispose());

  const scores = async (run: string, dataset: Dataset) => {
    const { detector } = openRun(at(run));
    try {
      const { detections } = await evaluateDetector(detector, dataset.test);
      return detections.map(({ score }) => score);
    } finally {
      await detector.dispose();
    }
  };

  it('keeps the scale in its configuration, and says so; one of 8 bits has none', () => {
    const run = new RunFolder(at('run12'));
    assert.deepEqual(readRunConfig(run).config.valueRange, { samples: 'uint16', white: 4095 });
    const { notes } = run.readJson('summary.json') as { notes: string[] };
    assert.match(notes[0], /12 of 16 bits, 4095 is white/);
    assert.equal(readRunConfig(new RunFolder(at('run8'))).config.valueRange, null);
  });

  it('scores as one on the same pictures of 8 bits, to the bit', async () => {
    assert.deepEqual(await scores('run12', twelve), await scores('run8', eight));
  });

  it('is gone on with and found again without naming the scale', async () => {
    const { status } = await trainDetector(config, twelve, teacher, at('run12'));
    assert.equal(status, 'finished');
    const wanted = { config, dataset: twelve, teacher: teacher.source };
    assert.equal(findFinishedRun(at(), wanted), at('run12'));
    await assert.rejects(
      trainDetector(config, twelve, teacher, at('run12'), { white: 65535 }),
      /valueRange: the run has \{"samples":"uint16","white":4095\}, you asked for .*65535/,
    );
  });

  it('gives the scale to the exported file, which refuses what does not fit', async () => {
    const detector = await createOnnxDetector(exportRun(at('run12')));
    try {
      assert.deepEqual(detector.metadata.valueRange, { samples: 'uint16', white: 4095 });
      const files = [twelve.test[0].file, eight.test[0].file];
      const images = files.map((file) => ({ name: path.basename(file), file }));
      const judged: Judgement[] = [];
      for await (const judgement of judgeImages(detector, images)) judged.push(judgement);
      const [first, second] = judged;
      const [expected] = await scores('run12', twelve);
      assert.ok('score' in first && Math.abs(first.score - expected) < 1e-4 * expected);
      assert.ok('error' in second);
      assert.match(second.error.message, /expected 16-bit values up to 4095.*found 8-bit values/);
    } finally {
      await detector.dispose();
    }
  });

  it('is refused by a detector of 8-bit pictures', async () => {
    await assert.rejects(scores('run8', twelve), /found 16-bit values up to \d+$/);
  });
});
