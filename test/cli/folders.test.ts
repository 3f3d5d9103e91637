import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import sharp from 'sharp';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

const TINY = ['--random-teacher', '--image-size', '64', '--batch-size', '2', '--epochs', '1'];

interface Split {
  images: { file: string; role: string; label: number; sha256: string }[];
}

describe("a user's own folders", () => {
  const { path } = temporaryFolder();

  before(async () => {
    await writeTinyDataset(path('data'), { train: 10, test: 2 });
    const of = path('data', 'dots');
    fs.mkdirSync(path('bottle'));
    // Called like a category of MVTec AD, with a space where a shell would divide.
    fs.cpSync(`${of}/train/good`, path('bottle', 'OK'), { recursive: true });
    fs.cpSync(`${of}/test/spot`, path('bottle', 'spot'), { recursive: true });
    fs.cpSync(`${of}/ground_truth/spot`, path('bottle', 'masks'), { recursive: true });
  });

  const own = () => ['--good', path('bottle', 'OK'), '--bad', path('bottle', 'spot')];
  const readSplit = (run: string) =>
    JSON.parse(fs.readFileSync(path(run, 'split.json'), 'utf8')) as Split;
  const ok = async (args: string[]) => {
    const outcome = await stfpm(args);
    assert.equal(outcome.code, 0, outcome.stderr);
    return outcome;
  };

  it("train to the very numbers of MVTec AD's layout, where the roles are the same", async () => {
    const root = path('data', 'dots');
    for (const protocol of ['A', 'B']) {
      const options = [...TINY, '--epochs', '2', '--protocol', protocol];
      const [layout, folders] = [path(`layout-${protocol}`), path(`folders-${protocol}`)];
      await ok(['train', '--data', path('data'), '-c', 'dots', ...options, '--out', layout]);
      const given = [`${root}/train/good`, `${root}/test/good`, `${root}/ground_truth`];
      await ok([
        ...['train', '--good', given[0], '--test-good', given[1], '--masks', given[2]],
        ...['--bad', `${root}/test/line`, `${root}/test/spot`, ...options, '--out', folders],
      ]);
      const modelOf = (run: string) => fs.readFileSync(`${run}/model.safetensors`);
      assert.ok(modelOf(layout).equals(modelOf(folders)), `the models of ${protocol} differ`);
      const measured = async (run: string) => {
        const { stdout } = await ok(['evaluate', run, '--json']);
        const { metrics, scores } = JSON.parse(stdout) as { metrics: object; scores: object };
        return { metrics, scores };
      };
      assert.deepEqual(await measured(folders), await measured(layout));
    }
  });

  it('are divided, written down, and evaluated in the roles that they had', async () => {
    const args = ['train', ...own(), '--masks', path('bottle', 'masks'), ...TINY];
    const { stderr } = await ok([...args, '--out', path('my run')]);
    assert.match(stderr, /^Images: bottle, 6 train, 2 held-out and 4 test images; own images, /m);
    assert.doesNotMatch(stderr, /MVTec|warning/);
    const { images } = readSplit('my run');
    assert.equal(images.length, 12);
    const { stdout } = await ok(['evaluate', path('my run')]);
    assert.match(stdout, /^bottle \(own images\): 2 good and 2 defect images /m);
    const scored = fs
      .readFileSync(path('my run', 'scores.csv'), 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(',')[0]);
    const tested = images.filter(({ role }) => role === 'test').map(({ file }) => file);
    assert.deepEqual(scored.sort(), tested.sort());
  });

  it('give a threshold without those that were learnt from, which are named', async () => {
    const { images } = readSplit('my run');
    const learnt = images.filter(({ role }) => role === 'train').map(({ file }) => file);
    const { stderr } = await ok(['threshold', path('my run'), '--good', path('bottle', 'OK')]);
    assert.match(
      stderr,
      new RegExp(`${learnt.length} good images left out, which the run has learnt from`),
    );
    const stored = path('my run', 'threshold.json');
    const { threshold } = JSON.parse(fs.readFileSync(stored, 'utf8')) as {
      threshold: { images: number };
    };
    assert.equal(threshold.images, 10 - learnt.length);
    await ok(['threshold', path('my run'), '--reset']);
    const files = learnt.map((file) => path('bottle', file));
    const refused = await stfpm(['threshold', path('my run'), '--good', ...files]);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /expected good images that the run has not learnt from, found \d+ that/,
    );
    assert.ok(!fs.existsSync(stored));
  });

  it('of one picture give a detector, and nothing to evaluate it on', async () => {
    fs.mkdirSync(path('single'));
    fs.copyFileSync(path('bottle', 'OK', '0.png'), path('single', '0.png'));
    const out = path('of one');
    const args = ['train', '--good', path('single'), ...TINY, '--out', out];
    const { stdout } = await ok(args);
    assert.match(stdout, /^Next: npx stfpm predict .*of one' IMAGES$/m);
    const { code, stderr } = await stfpm(['evaluate', out]);
    assert.equal(code, 1);
    assert.match(stderr, /expected images to test the run on, found none: .* without --test-good/);
  });

  it('are asked for with --good where a folder holds nothing else', async () => {
    const { code, stderr } = await stfpm(['data', path('bottle', 'OK')]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /one called good in it.*found 10 images: .* name their folder with --good/,
    );
  });

  it('are trained on by steps, on the average of the weights, unless epochs or a protocol are asked for', async () => {
    const settings = async (name: string, ...more: string[]) => {
      const small = ['--random-teacher', '--image-size', '64', '--batch-size', '2', ...more];
      const { stderr } = await ok(['train', ...own(), ...small, '--out', path(name)]);
      const { config } = JSON.parse(fs.readFileSync(path(name, 'config.json'), 'utf8')) as {
        config: Record<string, unknown>;
      };
      const { protocol, epochs, epochSteps, patience, weightAverage } = config;
      return { stderr, found: { protocol, epochs, epochSteps, patience, weightAverage } };
    };
    const { stderr, found } = await settings('by steps', '--steps', '26');
    assert.match(stderr, /protocol B, 2 epochs of 25 steps, /);
    const own26 = { protocol: 'B', epochs: 2, epochSteps: 25, patience: 10, weightAverage: 0.99 };
    assert.deepEqual(found, own26);
    const paper = { protocol: 'A', epochs: 1, epochSteps: null, patience: null };
    const plain = await settings('by epochs', '--epochs', '1');
    assert.deepEqual(plain.found, { ...paper, weightAverage: null });
  });

  it('go on with the same pictures, by the run alone, and with no others', async () => {
    const run = ['--out', path('my run')];
    await ok(['train', ...run, '--epochs', '2']);
    const { images } = readSplit('my run');
    const trained = images.find(({ role }) => role === 'train')!;
    const before = fs.readFileSync(path('bottle', trained.file));
    fs.copyFileSync(path('bottle', 'spot', '0.png'), path('bottle', trained.file));
    const { code, stderr } = await stfpm(['train', ...run, '--epochs', '3']);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`good images: changed since: ${trained.file}$`, 'm'));
    fs.writeFileSync(path('bottle', trained.file), before);
    await ok(['train', ...run, '--epochs', '3']);
  });

  it('are named where a test picture has changed, is gone, or was learnt from', async () => {
    fs.cpSync(path('bottle'), path('changed'), { recursive: true });
    const { images } = readSplit('my run');
    const [first, second] = images.filter(({ role, label }) => role === 'test' && label === 0);
    const trained = images.find(({ role }) => role === 'train')!;
    fs.copyFileSync(path('changed', trained.file), path('changed', first.file));
    const args = ['evaluate', path('my run'), '--data', path('changed'), '--out', path('out')];
    const { stderr } = await ok(args);
    assert.match(
      stderr,
      new RegExp(`warning: 1 test image that the run has learnt .*${first.file} .*${trained.file}`),
    );
    assert.match(stderr, new RegExp(`1 test image changed since .*${first.file}$`, 'm'));
    fs.rmSync(path('changed', second.file));
    const gone = await stfpm(args);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, new RegExp(`expected the 12 pictures .*without ${second.file}`));
  });

  it('are understood from the folder that holds them, with a note', async () => {
    const { stderr } = await ok(['train', '--data', path('bottle'), ...TINY, '--out', path('one')]);
    assert.match(stderr, /taken for good images: OK; with defects: spot; masks: masks/);
    assert.deepEqual(readSplit('one'), readSplit('my run'));
  });

  it('say in a line each that masks are missing, or mislead', async () => {
    const bare = await ok(['train', ...own(), ...TINY, '--out', path('bare')]);
    assert.deepEqual(bare.stderr.match(/^warning: .*/gm), [
      'warning: no masks: metrics of whole images alone',
    ]);
    const { stdout } = await ok(['evaluate', path('bare')]);
    assert.doesNotMatch(stdout, /undefined|^ +image +pixel/m);
    fs.cpSync(path('bottle', 'masks'), path('inverted'), { recursive: true });
    for (const name of fs.readdirSync(path('inverted'))) {
      const mask = await sharp(path('inverted', name)).negate().png().toBuffer();
      fs.writeFileSync(path('inverted', name), mask);
    }
    const args = ['train', ...own(), '--masks', path('inverted'), ...TINY, '--out', path('inv')];
    const strict = await stfpm([...args, '--strict']);
    assert.equal(strict.code, 1);
    assert.match(strict.stderr, /2 masks covering the border .*0_mask\.png/);
    assert.ok(!fs.existsSync(path('inv')));
    assert.match((await ok(args)).stderr, /warning: 2 masks covering the border/);
  });

  it('with damaged pictures are refused with all their names, and taken once those are gone', async () => {
    fs.cpSync(path('bottle'), path('damaged'), { recursive: true });
    const damaged = readSplit('my run')
      .images.filter(({ role }) => role === 'train')
      .slice(0, 2)
      .map(({ file }) => path('damaged', file));
    for (const file of damaged) fs.truncateSync(file, 200);
    const args = ['train', '--good', path('damaged', 'OK'), ...TINY, '--out', path('dmg')];
    // Whatever roles they have now: with all to train on, all are read.
    const { code, stderr } = await stfpm([...args, '--test-good', path('bottle', 'OK')]);
    assert.equal(code, 1);
    for (const file of damaged) assert.ok(stderr.includes(file), stderr);
    for (const file of damaged) fs.rmSync(file);
    await ok(args);
  });

  it('need good ones, and exclude a data set', async () => {
    const bad = await stfpm(['train', '--bad', path('bottle', 'spot')]);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /--bad goes with --good/);
    const both = await stfpm(['train', ...own(), '--data', path('data')]);
    assert.equal(both.code, 2);
  });
});

describe('a category whose folder was renamed', () => {
  const { path } = temporaryFolder();

  it('is evaluated under its name of now', async () => {
    await writeTinyDataset(path('data'));
    await stfpm(['train', '--data', path('data'), '-c', 'dots', ...TINY, '--out', path('run')]);
    fs.renameSync(path('data', 'dots'), path('data', 'piece'));
    const refused = await stfpm(['evaluate', path('run')]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /expected a category 'dots', found piece/);
    const { code, stderr } = await stfpm(['evaluate', path('run'), '--category', 'piece']);
    assert.equal(code, 0, stderr);
  });
});
