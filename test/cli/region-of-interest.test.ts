import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { openDetector } from '../../src/lib/detector/index';
import { loadSharp } from '../../src/lib/data/sharp';
import { readNpy } from '../../src/lib/evaluation/npy';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';

const WIDTH = 80;
const HEIGHT = 60;

/** Noise, with a white spot in the middle ('in') or in the upper left corner ('out'), and masks of the spots. */
async function writePictures(folder: string): Promise<void> {
  const write = (name: string, data: Uint8Array, channels: 1 | 3) => {
    const file = `${folder}/${name}`;
    fs.mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
    return loadSharp()(data, { raw: { width: WIDTH, height: HEIGHT, channels } }).toFile(file);
  };
  const isSpot = (i: number, place: string) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    if (place === 'in') return x >= 36 && x < 46 && y >= 26 && y < 36;
    return place === 'out' && x < 10 && y < 10;
  };
  const write3 = async (name: string, seed: number, place: string) => {
    const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) =>
      isSpot(Math.floor(i / 3), place) ? 255 : (i * (31 + seed) + (i >> 5)) % 97,
    );
    await write(`photos/${name}`, pixels, 3);
    if (place === 'none') return;
    const mask = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
      isSpot(i, place) ? 255 : 0,
    );
    await write(`masks/${name.slice(4)}`, mask, 1);
  };
  for (let i = 0; i < 8; i++) await write3(`good/${i}.png`, i, 'none');
  await write3('bad/in/0.png', 20, 'in');
  await write3('bad/out/1.png', 21, 'out');
  const region = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
    i % WIDTH >= 20 && i % WIDTH < 60 && i >= 15 * WIDTH && i < 45 * WIDTH ? 255 : 0,
  );
  await write('roi.png', region, 1);
  await write('whole.png', region.fill(255), 1);
}

describe('a region of interest, on the command line', function () {
  this.timeout(300_000);
  const { path } = temporaryFolder();
  before(() => writePictures(path('.')));

  const SIZES = {
    padded: ['--image-size', '64', '--fit', 'pad'],
    tiled: ['--tile', '32', '--overlap', '8'],
  } as const;
  const train = (...options: string[]) =>
    stfpm([
      ...['train', '--good', path('photos/good'), '--bad', path('photos/bad')],
      ...['--masks', path('masks'), '--random-teacher', '--epochs', '1', '--batch-size', '4'],
      ...options,
    ]);
  const ok = async (running: ReturnType<typeof stfpm>) => {
    const result = await running;
    assert.equal(result.code, 0, result.stderr);
    return result;
  };
  const json = <T>(run: string, file: string) =>
    JSON.parse(fs.readFileSync(path(run, file), 'utf8')) as T;
  interface Record {
    file: string;
    type: string;
    score: number;
    verdict: string;
    regions: { box: [number, number, number, number] }[];
    error?: string;
  }
  const predict = async (...args: string[]) => {
    const { stdout, code, stderr } = await stfpm(['predict', ...args, '--json']);
    const lines = stdout.trim().split('\n');
    const records = lines.filter(Boolean).map((line) => JSON.parse(line) as Record);
    return { code, stderr, images: records.filter(({ type }) => type === 'image') };
  };

  it('of the whole picture changes no number', async () => {
    for (const [name, size] of Object.entries(SIZES)) {
      await ok(train(...size, '--out', path(`${name}-none`)));
      await ok(train(...size, '--roi', path('whole.png'), '--out', path(`${name}-whole`)));
      const runs = [`${name}-none`, `${name}-whole`];
      const evaluated = [];
      for (const run of runs) {
        await ok(stfpm(['evaluate', path(run)]));
        const { metrics } = json<{ metrics: object }>(run, 'evaluation.json');
        const scores = fs.readFileSync(path(run, 'scores.csv'), 'utf8');
        const { finalLoss } = json<{ finalLoss: number }>(run, 'summary.json');
        const { threshold } = (await openThreshold(path(run))) as { threshold: object };
        evaluated.push({ metrics, scores, finalLoss, threshold });
      }
      assert.deepEqual(evaluated[1], evaluated[0]);
    }
  });

  for (const [name, size] of Object.entries(SIZES)) {
    it(`is all that counts in training, metrics, verdicts and what is found: ${name}`, async () => {
      const run = path(`${name}-roi`);
      const trained = await ok(train(...size, '--roi', path('roi.png'), '--out', run));
      assert.match(
        trained.stderr,
        /Region of interest: roi\.png \(SHA-256 [0-9a-f]{8}…\); nothing/,
      );
      const losses = [`${name}-roi`, `${name}-none`].map(
        (of) => json<{ finalLoss: number }>(of, 'summary.json').finalLoss,
      );
      assert.notEqual(losses[0], losses[1]);
      const { stderr } = await ok(stfpm(['evaluate', run, '--maps', path('maps.npy')]));
      assert.match(stderr, /sees nothing of the defect in 1, .*out\/1\.png/);
      const { metrics } = json<{ metrics: { counts: { defectPixels: number; pixels: number } } }>(
        `${name}-roi`,
        'evaluation.json',
      );
      if (name === 'tiled') {
        // Of two good images and the one whose defect lies inside.
        assert.equal(metrics.counts.defectPixels, 100);
        assert.equal(metrics.counts.pixels, 3 * 40 * 30);
      }

      const [file, maps] = [path(`${name}.onnx`), path('maps.npy')];
      await ok(stfpm(['export', run, '--out', file]));
      const judged = await predict(file, path('photos/bad'), '--maps', maps, '--threshold', '1e-9');
      assert.equal(judged.code, 0, judged.stderr);
      const { data } = readNpy(maps);
      const [scores, found] = [[] as number[], judged.images];
      for (let image = 0; image < 2; image++) {
        let score = -Infinity;
        for (let i = 0; i < WIDTH * HEIGHT; i++) {
          const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
          const value = data[image * WIDTH * HEIGHT + i];
          const isInside = x >= 20 && x < 60 && y >= 15 && y < 45;
          assert.equal(Number.isNaN(value), !isInside);
          if (isInside) score = Math.max(score, value);
        }
        scores.push(score);
        for (const { box } of found[image].regions) {
          const [x, y, width, height] = box;
          assert.ok(x >= 20 && y >= 15 && x + width <= 60 && y + height <= 45, box.join());
        }
      }
      // The map is the detector's, enlarged where it is padded.
      found.forEach(({ score }, i) => {
        if (name === 'tiled') assert.equal(scores[i], Math.fround(score));
        else assert.ok(scores[i] <= score * (1 + 1e-6));
      });
      const byRun = await predict(run, path('photos/bad'), '--runtime', 'tensorflow');
      byRun.images.forEach(({ score }, i) => {
        assert.ok(Math.abs(score - found[i].score) <= 1e-4 * score);
      });
      await ok(stfpm(['verify', file, run]));
      const detector = await openDetector(file);
      const result = await detector.detect(path('photos/bad/in/0.png'));
      assert.equal(result.score, found[0].score);
      assert.ok(Number.isNaN(result.map!.data[0]));
      await detector.dispose();
    });
  }

  it('leaves a picture of another size unjudged, by name', async () => {
    const other = path('other.png');
    await loadSharp()(path('photos/good/0.png')).resize(70, 60).toFile(other);
    const { code, images } = await predict(path('padded.onnx'), other);
    assert.equal(code, 5);
    assert.match(
      images[0].error!,
      /other\.png: expected the 80 x 60 pixels of its region of interest roi\.png, found 70 x 60/,
    );
  });

  it('is kept when a run goes on, and another one is refused', async () => {
    const out = ['--out', path('padded-roi')];
    assert.match((await ok(train(...out))).stdout, /finished already/);
    const { code, stderr } = await train('--roi', path('whole.png'), ...out);
    assert.equal(code, 1);
    assert.match(stderr, /region of interest: the run has roi\.png .*, you asked for whole\.png/);
  });

  it('of each picture is that for all where they are the same, and is asked for', async () => {
    for (const name of [
      'good/0',
      'good/1',
      'good/2',
      'good/3',
      'good/4',
      'good/5',
      'good/6',
      'good/7',
      'in/0',
      'out/1',
    ]) {
      fs.mkdirSync(path('regions', name, '..'), { recursive: true });
      fs.copyFileSync(path('roi.png'), path('regions', `${name}.png`));
    }
    const run = path('each');
    await ok(train(...SIZES.padded, '--roi', path('regions'), '--out', run));
    await ok(stfpm(['evaluate', run]));
    const [each, all] = ['each', 'padded-roi'].map((of) =>
      fs.readFileSync(path(of, 'scores.csv'), 'utf8'),
    );
    assert.equal(each, all);
    const { images } = json<{ images: { region: string; regionSha256: string }[] }>(
      'each',
      'split.json',
    );
    assert.ok(
      images.every(({ region, regionSha256 }) => region && /^[0-9a-f]{64}$/.test(regionSha256)),
    );

    const exported = await ok(stfpm(['export', run, '--out', path('each.onnx')]));
    assert.match(exported.stderr, /one region of interest a picture.*cannot travel/);
    for (const source of [run, path('each.onnx')]) {
      const asked = await predict(source, path('photos/bad'));
      assert.equal(asked.code, 2);
      assert.match(
        asked.stderr,
        /with a region of interest each \(regions\): name a folder .*--roi/,
      );
      const judged = await predict(source, path('photos/bad'), '--roi', path('regions'));
      assert.equal(judged.code, 0, judged.stderr);
      const shared = await predict(path('padded.onnx'), path('photos/bad'));
      assert.deepEqual(
        judged.images.map(({ score }) => score),
        shared.images.map(({ score }) => score),
      );
    }
    await ok(stfpm(['verify', path('each.onnx'), run]));
    fs.renameSync(path('regions'), path('moved'));
    const gone = await stfpm(['evaluate', run]);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /expected the regions of interest of the run.*--roi/);
    await ok(stfpm(['evaluate', run, '--roi', path('moved')]));
    fs.rmSync(path('moved/in/0.png'));
    const partly = await predict(run, path('photos/bad'), '--roi', path('moved'));
    assert.equal(partly.code, 5);
    assert.match(
      partly.images[0].error!,
      /in\/0\.png: expected its region of interest in .*moved, found none/,
    );
  });

  it('is refused by methods that cannot leave the rest out, and with augmented images', async () => {
    const { code, stderr } = await stfpm([
      ...['train', '--good', path('photos/good'), '--random-teacher', '--method', 'patchcore'],
      ...['--image-size', '64', '--roi', path('roi.png'), '--out', path('memory')],
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /PatchCore: what lies outside a region of interest cannot be left out of it/,
    );
    const augmented = await train(
      '--augmented-images',
      '8',
      '--image-size',
      '64',
      '--roi',
      path('roi.png'),
      '--out',
      path('q'),
    );
    assert.equal(augmented.code, 1);
    assert.match(augmented.stderr, /augmented images.*found a region of interest, roi\.png/);
  });
});

/** The threshold that a run has stored. */
async function openThreshold(run: string): Promise<unknown> {
  const detector = await openDetector(run);
  await detector.dispose();
  return { threshold: detector.threshold };
}
