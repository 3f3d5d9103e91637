import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { OperatingThreshold } from '../../src/lib/anomaly-map/threshold';
import { readSafetensors } from '../../src/lib/weights/safetensors';
import { temporaryFolder } from '../data/temporary-folder';
import { startStfpm, stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

type Line = Record<string, unknown> & { type: string; file: string };

describe('stfpm predict', () => {
  const { path } = temporaryFolder();
  let good: string;
  let bad: string;

  before(async () => {
    const data = await writeTinyDataset(path('data'), { train: 20 });
    good = `${data}/dots/test/good/0.png`;
    bad = `${data}/dots/test/spot/0.png`;
    const { code, stderr } = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--epochs', '6', '--image-size', '64'],
      ...['--batch-size', '4', '--protocol', 'B', '--embedded-teacher', '--out', path('run')],
    ]);
    assert.equal(code, 0, stderr);
  });

  const predict = (...args: string[]) => stfpm(['predict', path('run'), ...args]);
  const put = (from: string, ...to: string[]) => {
    fs.mkdirSync(path(...to.slice(0, -1)), { recursive: true });
    fs.copyFileSync(from, path(...to));
  };
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  const imagesOf = (text: string) => linesOf(text).filter(({ type }) => type === 'image');
  const csv = (...names: string[]) => fs.readFileSync(path(...names, 'scores.csv'), 'utf8');

  it('judges every picture below a folder, whatever it is called, and names what is none', async () => {
    put(good, 'mixed', '000.png');
    put(bad, 'mixed', 'tuesday', 'night', '000.png');
    for (const ending of ['HEIC', 'ppm', 'gif', 'jfif', 'JPE', 'avif'])
      put(bad, 'mixed', `1.${ending}`);
    put(bad, 'mixed', 'without-ending');
    fs.writeFileSync(path('mixed', 'notes.txt'), 'x');
    put(bad, 'mixed', '.hidden.png');
    fs.symlinkSync('..', path('mixed', 'tuesday', 'loop'));
    const { code, stdout, stderr } = await predict(path('mixed'));
    assert.equal(code, 0, stderr);
    const verdicts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/)[1]);
    assert.deepEqual(verdicts, ['good', ...Array<string>(8).fill('defect')]);
    assert.match(
      stderr,
      /^warning: 2 files passed over, hidden or no pictures: .*hidden\.png and .*notes\.txt$/m,
    );
    assert.match(stderr, /^9 images: 1 good, 8 defective$/m);
    assert.match(stderr, /──── threshold/);
  });

  it('names what cannot be judged, judges the others, and ends with a code of its own', async () => {
    put(good, 'faulty', 'good.png');
    put(bad, 'faulty', 'bad.png');
    fs.writeFileSync(path('faulty', 'cut.png'), fs.readFileSync(good).subarray(0, 100));
    fs.writeFileSync(path('faulty', 'photo.heic'), 'not a picture');
    fs.symlinkSync('nowhere', path('faulty', 'link.png'));
    fs.symlinkSync('/dev/zero', path('faulty', 'zero.png'));
    execFileSync('mkfifo', [path('faulty', 'pipe.png')]);
    const { code, stdout, stderr } = await predict(path('faulty'), '--json', '--fail-on-defect');
    assert.equal(code, 5, stderr);
    const verdicts = imagesOf(stdout).map(({ file, verdict, error }) => [
      file.slice(path('faulty').length + 1),
      verdict,
      (error as string | undefined)?.replace(/.*found /, '').slice(0, 12),
    ]);
    assert.deepEqual(verdicts, [
      ['bad.png', 'defect', undefined],
      ['cut.png', 'not judged', 'a truncated '],
      ['good.png', 'good', undefined],
      ['link.png', 'not judged', 'a link to no'],
      ['photo.heic', 'not judged', 'something el'],
      ['pipe.png', 'not judged', 'a named pipe'],
      ['zero.png', 'not judged', 'a device'],
    ]);
    assert.match(stderr, /^error: 5 of 7 images could not be judged\.$/m);
    const summary = linesOf(stdout).at(-1);
    assert.deepEqual(summary, {
      ...{ type: 'summary', judged: 2, good: 1, defect: 1, notJudged: 5, passedOver: 0 },
    });
  });

  it('says by its exit code whether all are good, when asked to', async () => {
    assert.equal((await predict(good, '--fail-on-defect')).code, 0);
    const { code, stderr } = await predict(good, bad, '--fail-on-defect');
    assert.equal(code, 4);
    assert.match(stderr, /^1 image called defective\.$/m);
    assert.equal((await predict(bad)).code, 0);
  });

  it('writes verdicts, regions, overlays and masks, under the folders of their images', async () => {
    await sharp(bad).resize(150, 90).png().toFile(path('wide.png'));
    put(path('wide.png'), 'parts', 'a', 'x.png');
    put(good, 'parts', 'b', 'x.png');
    put(good, 'parts', 'b', 'x.jpg.png');
    put(good, 'parts', 'b', 'X.jpg');
    const args = [
      path('parts', 'a'),
      path('parts', 'b'),
      '--out',
      path('out'),
      '--overlays',
      '--masks',
    ];
    const { code, stderr } = await predict(...args);
    assert.equal(code, 0, stderr);
    const rows = csv('out')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    assert.deepEqual(
      rows.slice(1).map((row) => [row[3], row[5], row[6], row[7]]),
      [
        ['defect', 'overlays/a/x.png', 'masks/a/x.png', ''],
        ['good', 'overlays/b/X.png', 'masks/b/X.png', ''],
        ['good', 'overlays/b/x.jpg.png', 'masks/b/x.jpg.png', ''],
        ['good', 'overlays/b/x.png.png', 'masks/b/x.png.png', ''],
      ],
    );
    const [first, ...others] = imagesOf(fs.readFileSync(path('out', 'judgements.jsonl'), 'utf8'));
    assert.deepEqual(first.picture, { height: 90, width: 150 });
    const [region] = first.regions as { box: number[]; area: number; contours: number[][][] }[];
    // The spot lies around (20, 30) of 64 x 64 pixels.
    const [x, y, width, height] = region.box;
    assert.ok(x < 47 && x + width > 47 && y < 42 && y + height > 42, `${region.box}`);
    const mask = await sharp(path('out', 'masks/a/x.png'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.deepEqual([mask.info.width, mask.info.height, mask.info.channels], [150, 90, 1]);
    const areas = (first.regions as { area: number }[]).map(({ area }) => area);
    assert.equal(
      mask.data.filter((value) => value === 255).length,
      areas.reduce((a, b) => a + b),
    );
    for (const other of others) assert.deepEqual(other.regions, []);
    const threshold = (first.score as number) / (first.scoreOverThreshold as number);
    const stored = readSafetensors(path('run', 'model.safetensors')).metadata.threshold;
    assert.ok(Math.abs(threshold / (JSON.parse(stored!) as OperatingThreshold).value - 1) < 1e-12);
  });

  it('does not judge its own results when they lie among the images', async () => {
    put(good, 'among', 'x.png');
    const args = [path('among'), '--out', path('among', 'results'), '--overlays'];
    for (let time = 0; time < 2; time++) {
      const { stdout } = await predict(...args);
      assert.equal(stdout.trimEnd().split('\n').length, 1);
    }
  });

  it('lets no name forge a line, reach the terminal or run in a spreadsheet', async () => {
    put(good, 'names', 'x.png\n0.01000  good    part-7.png');
    put(good, 'names', 'e\x1b[31m.png');
    fs.mkdirSync(path('cwd'), { recursive: true });
    put(good, 'cwd', '=cmd|x.png');
    const { stdout, stderr } = await predict(path('names'), '--out', path('named'), '--overlays');
    assert.equal(stdout.trimEnd().split('\n').length, 2);

    assert.doesNotMatch(stdout + stderr + csv('named'), /\x1b/);
    assert.equal(csv('named').trimEnd().split('\n').length, 3);
    assert.deepEqual(fs.readdirSync(path('named', 'overlays')).sort(), [
      'e\\u001b[31m.png',
      'x.png\\n0.01000  good    part-7.png',
    ]);
    const run = startStfpm(['predict', path('run'), '=cmd|x.png', '--out', 'o'], path('cwd'));
    assert.equal((await run.ended).code, 0);
    assert.match(csv('cwd', 'o'), /^'=cmd\|x\.png,/m);
  });

  it('finds out before any work that results cannot be written', async () => {
    fs.writeFileSync(path('file'), '');
    const { code, stdout, stderr } = await predict(good, '--out', path('file', 'results'));
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^error: .*results: expected a folder that can be written to, found ENOTDIR/m,
    );
    assert.doesNotMatch(stderr, /Judging/);
    const maps = await predict(good, '--maps', '/dev/null');
    assert.match(maps.stderr, /\/dev\/null: could not be written: expected a file to replace/);
    assert.ok(fs.statSync('/dev/null').isCharacterDevice());
  });

  it('keeps what was judged before the disk was full, in whole lines', async () => {
    for (let i = 0; i < 60; i++) put(good, 'many', `${i}.png`);
    const script = `require('./src/cli/main.ts').main(process.argv.slice(1)).then((code) => (process.exitCode = code))`;
    const { status, stdout, stderr } = spawnSync(
      'bash',
      [
        ...['-c', 'ulimit -f 4; exec "$@"', 'bash', process.execPath, '-r', './test/register.cjs'],
        ...['-e', script, '--', 'predict', path('run'), path('many'), '--out', path('full')],
      ],
      { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
    );
    assert.equal(status, 1, stderr);
    assert.match(stderr, /error: .*judgements\.jsonl: could not be written: EFBIG/);
    const text = fs.readFileSync(path('full', 'judgements.jsonl'), 'utf8');
    assert.ok(text.endsWith('\n') && text.length <= 4096);
    const kept = imagesOf(text).length;
    assert.ok(kept > 5);
    const printed = stdout.trimEnd().split('\n').length;
    assert.ok(printed === kept + 1, `${printed} printed, ${kept} kept`);
  });

  it('keeps what was judged before Ctrl-C, and says so', async () => {
    for (let i = 0; i < 400; i++) put(good, 'more', `${i}.png`);
    const run = startStfpm([
      'predict',
      path('run'),
      path('more'),
      '--out',
      path('stopped'),
      '--maps',
      path('stopped.npy'),
    ]);
    while (!fs.existsSync(path('stopped', 'scores.csv')) || csv('stopped').split('\n').length < 5) {
      await sleep(20);
    }
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    const lines = linesOf(fs.readFileSync(path('stopped', 'judgements.jsonl'), 'utf8'));
    const count = lines.filter(({ type }) => type === 'image').length;
    assert.ok(count < 400);
    assert.equal(lines.at(-1)?.judged, count);
    assert.equal(csv('stopped').trimEnd().split('\n').length, count + 1);
    assert.equal(stdout.trimEnd().split('\n').length, count);
    assert.ok(fs.existsSync(path('stopped.npy')));
  });

  it('watches a folder: what is there and what comes, once it is whole, and each once', async () => {
    put(good, 'camera', 'first.png');
    const args = ['predict', path('run'), '--watch', path('camera'), '--out', path('watched')];
    const judged = () =>
      fs.existsSync(path('watched', 'judgements.jsonl'))
        ? imagesOf(fs.readFileSync(path('watched', 'judgements.jsonl'), 'utf8')).map(
            ({ file, verdict }) => `${file.slice(path('camera').length + 1)} ${verdict as string}`,
          )
        : [];
    const until = async (count: number) => {
      while (judged().length < count) await sleep(50);
    };
    let run = startStfpm(args);
    await until(1);
    // A slow camera.
    const bytes = fs.readFileSync(bad);
    for (let part = 0; part < 8; part++) {
      const size = Math.ceil(bytes.length / 8);
      fs.appendFileSync(path('camera', 'slow.png'), bytes.subarray(part * size, (part + 1) * size));
      await sleep(150);
    }
    await until(2);
    run.child.kill('SIGINT');
    assert.equal((await run.ended).code, 130);
    put(good, 'camera', 'later', 'third.png');
    run = startStfpm(args);
    await until(3);
    run.child.kill('SIGTERM');
    const { code, stderr } = await run.ended;
    assert.equal(code, 143);
    assert.match(stderr, /without the 2 judged before/);
    assert.deepEqual(judged(), ['first.png good', 'slow.png defect', 'later/third.png good']);
    assert.equal(
      csv('watched')
        .split('\n')
        .filter((line) => line.startsWith('file,')).length,
      1,
    );
  });

  it('judges by another threshold when asked to', async () => {
    const verdict = async (...args: string[]) => {
      const { stdout, stderr } = await predict(bad, '--json', ...args);
      const threshold = linesOf(stdout)[0].threshold as OperatingThreshold;
      return { verdict: imagesOf(stdout)[0].verdict, stderr, threshold };
    };
    const given = await verdict('--threshold', '1e3');
    assert.equal(given.verdict, 'good');
    assert.match(given.stderr, /^Threshold: 1000, as given: 0 of 4 held-out good images/m);
    const quarter = await verdict('--false-alarms', '1/4');
    assert.equal(quarter.threshold.quantile, 0.75);
    assert.match(
      (await verdict()).stderr,
      /^warning: 4 held-out images are too few for a rate of 1 %/m,
    );
    const wrong = await predict(bad, '--false-alarms', '2');
    assert.equal(wrong.code, 2);
  });

  it('refuses a command line that makes no sense', async () => {
    const socket = net.createServer().listen(path('socket'));
    const cases: [string[], number, RegExp][] = [
      [[], 2, /missing required argument 'images'/],
      [[good, '--overlays'], 2, /--overlays needs --out/],
      [[good, '--watch'], 2, /--watch needs folders/],
      [[path('none.png')], 1, /expected an image or a folder of images, found nothing/],
      [[path('empty')], 1, /expected images, found an empty folder/],
      [[path('socket')], 5, /expected an image file, found a socket/],
    ];
    fs.mkdirSync(path('empty'));
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await predict(...args);
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
    }
    socket.close();
  });

  describe('after stfpm threshold', () => {
    const value = async () => {
      const { stdout } = await predict(good, '--json');
      return linesOf(stdout)[0].threshold as OperatingThreshold;
    };
    const threshold = (...args: string[]) => stfpm(['threshold', path('run'), ...args]);

    afterEach(() => fs.rmSync(path('run', 'threshold.json'), { force: true }));

    it('uses the one that was set, until it is reset', async () => {
      const before = await value();
      const shown = await threshold();
      assert.match(shown.stdout, /──── threshold/);
      assert.ok(!fs.existsSync(path('run', 'threshold.json')));
      const { code, stderr } = await threshold('--threshold', '7', '--pixel-threshold', '6');
      assert.equal(code, 0, stderr);
      const set = await value();
      assert.deepEqual([set.value, set.pixel, set.source], [7, 6, 'given']);
      assert.equal((await threshold('--reset')).code, 0);
      assert.deepEqual(await value(), before);
    });

    it('sets it from other good images, or with bad ones by cost', async () => {
      const goodFolder = path('data', 'dots', 'test', 'good');
      await threshold('--good', goodFolder, '--false-alarms', '1/3');
      const fromGood = await value();
      assert.deepEqual([fromGood.images, fromGood.source], [2, 'held-out']);
      const args = ['--good', goodFolder, '--bad', path('data', 'dots', 'test', 'spot')];
      const { stderr } = await threshold(...args, '--cost-missed', '50', '--defect-rate', '1%');
      assert.match(
        stderr,
        /^Of least cost with a missed defect at 50, .* and 1 % defects: 0 of 2 bad/m,
      );
      assert.match(stderr, /^It was chosen by its mistakes on these images/m);
      const byCost = await value();
      assert.equal(byCost.source, 'cost');
      assert.ok(byCost.value > fromGood.value);
    });

    it('refuses a stored one of another model, or that is something else, by its file', async () => {
      const stored = (content: object) =>
        fs.writeFileSync(path('run', 'threshold.json'), JSON.stringify(content));
      stored({ model: '0', threshold: { value: 1, quantile: null, images: 0, source: 'given' } });
      assert.match(
        (await predict(good)).stderr,
        /threshold\.json: expected .*, found that of another model/,
      );
      stored({ model: '0', threshold: {} });
      assert.match(
        (await predict(good)).stderr,
        /threshold\.json: expected the threshold of a run, found/,
      );
    });

    it('refuses images that cannot be judged, for they would change the rate', async () => {
      fs.writeFileSync(path('cut.png'), fs.readFileSync(good).subarray(0, 100));
      const { code, stderr } = await threshold('--good', path('cut.png'), good);
      assert.equal(code, 1);
      assert.match(stderr, /1 of 2 good images could not be judged/);
      assert.ok(!fs.existsSync(path('run', 'threshold.json')));
    });

    it('refuses options that contradict each other', async () => {
      for (const args of [
        ['--cost-missed', '3'],
        ['--reset', '--threshold', '1'],
        ['--bad', bad, '--threshold', '1'],
      ]) {
        assert.equal((await threshold(...args)).code, 2, args.join(' '));
      }
    });
  });
});
