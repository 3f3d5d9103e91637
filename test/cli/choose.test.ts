import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { Choice } from '../../src/lib/runs/choose-method';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('choosing a method', () => {
  const { path } = temporaryFolder();
  const choose = (...args: string[]) =>
    stfpm([
      'choose',
      '--random-teacher',
      '--image-size',
      '64',
      '--steps',
      '4',
      '--methods',
      'patchcore,stfpm,levels-and-memory',
      '--out',
      path('choice'),
      ...args,
    ]);

  before(() => writeTinyDataset(path('data'), { train: 10, test: 1 }));

  it('tries each method on a folder of good images, keeps the runs, and says how sure it is', async () => {
    const good = path('data', 'dots', 'train', 'good');
    const { code, stdout, stderr } = await choose('--good', good, '--json');
    assert.equal(code, 0, stderr);
    const choice = JSON.parse(stdout) as Choice;
    assert.deepEqual(JSON.parse(fs.readFileSync(path('choice', 'choice.json'), 'utf8')), choice);
    assert.deepEqual(choice.images, { good: 2, madeUp: 80 });
    assert.deepEqual(
      choice.trials.map(({ title }) => title),
      ['PatchCore', 'STFPM', 'Levels + memory'],
    );
    for (const { folder, imageAuroc, interval } of choice.trials) {
      assert.ok(fs.existsSync(`${folder}/summary.json`));
      assert.ok(imageAuroc >= 0 && imageAuroc <= 1);
      assert.ok(interval[0] <= interval[1]);
    }
    assert.ok(choice.equals.includes(choice.chosen.title));
    const best = Math.max(...choice.trials.map(({ imageAuroc }) => imageAuroc));
    const isBestOrEqual = choice.chosen.imageAuroc === best || choice.equals.length > 1;
    assert.ok(isBestOrEqual);
  });

  it('gives a run that judges images', async () => {
    const { chosen } = JSON.parse(fs.readFileSync(path('choice', 'choice.json'), 'utf8')) as Choice;
    const images = path('data', 'dots', 'test', 'spot');
    const { code, stdout, stderr } = await stfpm(['predict', chosen.folder, images]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /(good|defect)/);
  });

  it('goes on with the runs that are there, with the same numbers', async () => {
    const before = JSON.parse(fs.readFileSync(path('choice', 'choice.json'), 'utf8')) as Choice;
    const good = path('data', 'dots', 'train', 'good');
    const { code, stdout, stderr } = await choose('--good', good);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^2 held-out good images, 80 images with made-up defects:$/m);
    const after = JSON.parse(fs.readFileSync(path('choice', 'choice.json'), 'utf8')) as Choice;
    const numbers = ({ trials }: Choice) => trials.map(({ secondsPerImage: _, ...rest }) => rest);
    assert.deepEqual(numbers(after), numbers(before));
  });

  it('takes no runs of other images for runs of these', async () => {
    await writeTinyDataset(path('other', 'data'), { train: 10, test: 1 });
    const good = path('other', 'data', 'dots', 'train', 'good');
    fs.copyFileSync(`${good}/1.png`, `${good}/0.png`);
    const { code, stderr } = await choose('--good', good);
    assert.equal(code, 1);
    assert.match(stderr, /expected a folder for these good images, found one with runs of other/);
  });

  it('asks for methods that it can try', async () => {
    const good = path('data', 'dots', 'train', 'good');
    const found = await choose('--good', good, '--methods', 'vae');
    assert.match(found.stderr, /methods among patchcore, .*fusion, found "vae"/);
    const alone = await choose('--good', good, '--methods', 'fusion');
    assert.match(alone.stderr, /fusion takes over the student of stfpm: expected both, found one/);
  });

  it('asks for images enough to hold some out', async () => {
    await writeTinyDataset(path('few'), { train: 4, test: 1 });
    const { code, stderr } = await choose('--good', path('few', 'dots', 'train', 'good'));
    assert.equal(code, 1);
    assert.match(stderr, /at least 5 good images.*found 4/);
  });
});
