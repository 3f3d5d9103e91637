import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { readRun } from '../../src/lib/runs/open-run';
import { temporaryFolder } from '../data/temporary-folder';
import { readPredictions } from './predictions';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('few good images', () => {
  const { path } = temporaryFolder();
  const train = (out: string, ...more: string[]) =>
    stfpm([
      ...['train', '--method', 'patchcore', '--data', path('data'), '--category', 'dots'],
      ...['--random-teacher', '--image-size', '64', '--settings', '{"coresetShare":1}'],
      ...['--out', path(out), ...more],
    ]);
  /** Patches of an image, at stride 8. */
  const PATCHES = 64;

  before(() => writeTinyDataset(path('data'), { train: 8 }));

  for (const [images, learnt] of [
    [1, 1],
    [2, 1],
    [4, 3],
    [8, 6],
  ]) {
    it(`make a detector: ${images}`, async () => {
      const run = `few-${images}`;
      const { code, stdout, stderr } = await train(run, '--train-images', `${images}`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`^Few-shot: ${images} of the 8 train images$`, 'm'));
      const { model, threshold } = readRun(path(run));
      assert.equal(model.get('memory')!.shape[0], learnt * PATCHES);
      assert.equal(threshold?.images, images > 1 ? images - learnt : undefined);
      assert.equal(/no verdicts/.test(stdout), images === 1);
      const evaluated = await stfpm(['evaluate', path(run)]);
      assert.equal(evaluated.code, 0, evaluated.stderr);
    });
  }

  it('give scores and no verdicts where there is one alone, whatever computes them', async () => {
    const images = `${path('data')}/dots/test/spot`;
    const scores: number[][] = [];
    for (const runtime of ['onnx', 'tensorflow']) {
      const args = ['predict', path('few-1'), images, '--runtime', runtime, '--json'];
      const { code, stdout, stderr } = await stfpm(args);
      assert.equal(code, 0, stderr);
      const { images: judged } = readPredictions(stdout);
      assert.ok(judged.length > 0 && judged.every((image) => !('verdict' in image)));
      scores.push(judged.map(({ score }) => score));
    }
    scores[0].forEach((score, i) => assert.ok(Math.abs(score / scores[1][i] - 1) < 1e-4));
  });

  it('are as many as there are at most, and a run keeps to its own', async () => {
    const many = await train('many', '--train-images', '9');
    assert.equal(many.code, 1);
    assert.match(many.stderr, /Expected at least 9 train images, found 8/);
    assert.equal(fs.existsSync(path('many')), false);
    const other = await train('few-4', '--train-images', '2');
    assert.equal(other.code, 1);
    assert.match(other.stderr, /trainImages: the run has 4, you asked for 2/);
  });

  it('say so in the record of a result, with its cost, which is shown beside that of others', async () => {
    const args = ['evaluate', path('few-4'), '--result', path('result.json')];
    const { code, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    const record = JSON.parse(fs.readFileSync(path('result.json'), 'utf8')) as {
      what: string;
      peakMemoryBytes: number;
    };
    assert.match(record.what, /few-shot \(4 of 8 images\)/);
    assert.ok(record.peakMemoryBytes > 0);
    const megabytes = (record.peakMemoryBytes / 1e6).toFixed(0);
    fs.rmSync(path('few-8', 'evaluation.json'));
    const compared = await stfpm(['compare', path('few-4'), path('few-8')]);
    assert.equal(compared.code, 0, compared.stderr);
    assert.match(compared.stdout, new RegExp(`^memory, MB +${megabytes} +–$`, 'm'));
    assert.match(compared.stdout, /^model, MB +\d\.\d +\d\.\d$/m);
    assert.match(compared.stdout, /^an image, ms +\d+ +\d+$/m);
  });
});
