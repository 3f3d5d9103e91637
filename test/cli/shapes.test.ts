import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { loadSharp } from '../../src/lib/data/sharp';
import { openDetector } from '../../src/lib/detector/index';
import { readNpy } from '../../src/lib/evaluation/npy';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';

/** Noise of 90 x 60 pixels, with a white spot at the left edge where there is a defect. */
async function writeWidePictures(folder: string): Promise<void> {
  const write = (name: string, data: Uint8Array, channels: 1 | 3) => {
    const file = `${folder}/wide/${name}`;
    fs.mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
    return loadSharp()(data, { raw: { width: 90, height: 60, channels } }).toFile(file);
  };
  const isSpot = (i: number) => i % 90 < 8 && i < 10 * 90;
  const picture = (seed: number, hasSpot: boolean) =>
    Uint8Array.from({ length: 90 * 60 * 3 }, (_, i) =>
      hasSpot && isSpot(Math.floor(i / 3)) ? 255 : (i * (31 + seed) + (i >> 5)) % 97,
    );
  for (let i = 0; i < 4; i++) await write(`train/good/${i}.png`, picture(i, false), 3);
  for (let i = 0; i < 2; i++) await write(`test/good/${i}.png`, picture(5 + i, false), 3);
  await write('test/spot/0.png', picture(7, true), 3);
  const mask = Uint8Array.from({ length: 90 * 60 }, (_, i) => (isSpot(i) ? 255 : 0));
  await write('ground_truth/spot/0_mask.png', mask, 1);
}

describe('pictures that are not square, on the command line', () => {
  const { path } = temporaryFolder();
  before(() => writeWidePictures(path('data')));

  const train = (...options: string[]) =>
    stfpm([
      ...['train', '--data', path('data'), '--category', 'wide', '--random-teacher'],
      ...['--epochs', '1', '--batch-size', '4', ...options],
    ]);

  for (const [name, options, words] of [
    ['wide', ['--image-size', '96x64'], '96 x 64 pixels'],
    ['padded', ['--image-size', '64', '--fit', 'pad'], '64 x 64 pixels, padded'],
    ['cropped', ['--image-size', '32x64', '--fit', 'crop'], '32 x 64 pixels, cropped'],
    ['tiled', ['--tile', '32', '--overlap', '8'], '32 x 32 pixels a tile, overlapping by 8'],
  ] as const) {
    it(`are trained on, evaluated, exported and judged: ${name}`, async () => {
      const trained = await train(...options, '--out', path(name));
      assert.equal(trained.code, 0, trained.stderr);
      assert.ok(trained.stderr.includes(`${words}, seed 0`), trained.stderr);
      const evaluated = await stfpm(['evaluate', path(name)]);
      assert.equal(evaluated.code, 0, evaluated.stderr);
      assert.ok(evaluated.stdout.includes(`images at ${words}`), evaluated.stdout);
      const isCropped = name === 'cropped';
      assert.equal(/sees nothing of the defect in 1.*spot\/0/.test(evaluated.stderr), isCropped);

      const [file, maps] = [path(`${name}.onnx`), path(`${name}.npy`)];
      assert.equal((await stfpm(['export', path(name), '--out', file])).code, 0);
      const images = path('data', 'wide', 'test');
      const judged = await stfpm(['predict', file, images, '--maps', maps, '--json']);
      assert.equal(judged.code, 0, judged.stderr);
      const { shape, data } = readNpy(maps);
      assert.deepEqual(shape, [3, 60, 90]);
      // The crop sees the middle third.
      const seen = Array.from({ length: 90 }, (_, x) => !Number.isNaN(data[x]));
      assert.deepEqual(
        seen,
        seen.map((_, x) => !isCropped || (x >= 30 && x < 60)),
      );
      assert.equal(/a part of 3 images was not looked at/.test(judged.stderr), isCropped);
      const records = judged.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      await ownSize(path(name), file, images, isCropped);
      const shares = records.flatMap((record) => ('unseen' in record ? [record.unseen] : []));
      assert.equal(shares.length, isCropped ? 3 : 0);
    });
  }

  /** The file does what the run does, also in a program, and writes overlays and masks at the picture's own size. */
  async function ownSize(run: string, file: string, images: string, isCropped: boolean) {
    const verified = await stfpm(['verify', file, run, '--json']);
    assert.equal(verified.code, 0, verified.stderr);
    const { rows } = JSON.parse(verified.stdout) as {
      rows: { score: { relative: number }; map: { relative: number } }[];
    };
    assert.ok(rows[0].score.relative <= 1e-4 && rows[0].map.relative <= 1e-4);

    const out = `${run}-judged`;
    const written = await stfpm([
      ...['predict', file, images, '--out', out, '--overlays', '--masks'],
      ...['--threshold', '1e-9', '--pixel-threshold', '1e-9'],
    ]);
    assert.equal(written.code, 0, written.stderr);
    for (const picture of ['overlays/spot/0.png', 'masks/spot/0.png']) {
      const { width, height } = await loadSharp()(`${out}/${picture}`).metadata();
      assert.deepEqual([width, height], [90, 60]);
    }
    const overlay = await loadSharp()(`${out}/overlays/good/0.png`).raw().toBuffer();
    const isGrey = (x: number) => [0, 1, 2].every((c) => Math.abs(overlay[3 * x + c] - 116) < 14);
    // What was not looked at, and the middle.
    assert.equal(isGrey(3), isCropped);

    const judged = fs.readFileSync(`${out}/judgements.jsonl`, 'utf8').trim().split('\n');
    const detector = await openDetector(file);
    let found = 0;
    for (const line of judged) {
      const record = JSON.parse(line) as { type: string; file: string; score: number };
      if (record.type !== 'image') continue;
      found++;
      const { score, map, unseen, imageSize } = await detector.detect(record.file);
      assert.ok(Math.abs(score - record.score) <= 1e-6 * score);
      assert.deepEqual(imageSize, { width: 90, height: 60 });
      assert.equal(unseen > 0, isCropped);
      // Of pictures that are stretched the map stays as the detector gives it.
      const sides = file.endsWith('/wide.onnx') ? [96, 64] : [90, 60];
      assert.deepEqual([map!.width, map!.height], sides);
    }
    assert.equal(found, 3);
    await detector.dispose();
  }

  it('are refused where a method cannot leave the padding out', async () => {
    const { code, stderr } = await stfpm([
      ...['train', '--data', path('data'), '--category', 'wide', '--random-teacher'],
      ...['--method', 'patchcore', '--fit', 'pad', '--out', path('none')],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /PatchCore: padding cannot be left out of it\. Expected fit/);
  });
});
