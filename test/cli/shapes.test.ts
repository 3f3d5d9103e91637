import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { loadSharp } from '../../src/lib/data/sharp';
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
      const shares = records.flatMap((record) => ('unseen' in record ? [record.unseen] : []));
      assert.equal(shares.length, isCropped ? 3 : 0);
    });
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
