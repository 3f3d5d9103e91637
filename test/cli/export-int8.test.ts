import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { readDetectorMetadata } from '../../src/lib/onnx/metadata';
import { temporaryFolder } from '../data/temporary-folder';
import { readPredictions } from './predictions';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('stfpm export --int8', function () {
  this.timeout(300_000);
  const { path } = temporaryFolder();
  let data: string;

  before(async () => {
    data = await writeTinyDataset(path('data'), { train: 10 });
    const { code, stderr } = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '1'],
      ...['--image-size', '64', '--batch-size', '2', '--protocol', 'B', '--out', path('run')],
    ]);
    assert.equal(code, 0, stderr);
  });

  const metadataOf = (file: string) => readDetectorMetadata(fs.readFileSync(file), file);

  it('writes a file that predicts with a threshold of its own, and passes for the run', async () => {
    const file = path('dots.onnx');
    const args = ['--int8', '--max-change', '2', '--out', file];
    const { code, stderr } = await stfpm(['export', path('run'), ...args]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Calibrated on 2 held-out good pictures$/m);
    assert.match(stderr, /scores change by .* on average and .* at most; rank correlation/);
    assert.match(stderr, /^All 14 parts of the networks are in integers$/m);
    assert.match(stderr, /^Threshold, set anew: /m);
    assert.match(stderr, /^Written: .*dots\.onnx \(5\.\d MB\)$/m);
    const { precision, quantisation, threshold } = metadataOf(file);
    assert.equal(precision, 'int8');
    assert.deepEqual(quantisation?.calibration, { images: 2, source: 'held-out' });
    assert.equal(threshold?.images, 2);

    const predicted = await stfpm(['predict', file, `${data}/dots/test/spot`, '--json']);
    assert.equal(predicted.code, 0, predicted.stderr);
    const { images, threshold: used } = readPredictions(predicted.stdout);
    assert.equal(images.length, 2);
    assert.equal(used?.value, threshold?.value);

    const verified = await stfpm(['verify', file, path('run'), '--python', 'nothing', '--json']);
    const found = JSON.parse(verified.stdout) as {
      bound: number;
      mapBound: number;
      identical: null;
      settings: unknown[];
      rows: { score: { relative: number } }[];
    };
    assert.equal(found.bound, 2);
    assert.equal(found.mapBound, 4);
    assert.equal(found.identical, null);
    assert.deepEqual(found.settings, []);
    // Other than float32's, which is what the bound is for.
    assert.ok(found.rows[0].score.relative > 1e-4 && found.rows[0].score.relative < 2);
  });

  it('calibrates on good pictures that are named', async () => {
    const file = path('named.onnx');
    const good = `${data}/dots/test/good`;
    const args = ['--int8', '--max-change', '2', '--good', good, '--out', file];
    const { code, stderr } = await stfpm(['export', path('run'), ...args]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Calibrated on 2 good pictures$/m);
    assert.deepEqual(metadataOf(file).quantisation?.calibration, { images: 2, source: 'given' });
  });

  it('does not calibrate on other pictures than those of the run without being told to', async () => {
    const other = await writeTinyDataset(path('other'), { train: 9 });
    const { code, stderr } = await stfpm(['export', path('run'), '--int8', '--data', other]);
    assert.equal(code, 1);
    assert.match(stderr, /expected the good pictures that the run was trained on.* found others/);
  });

  it('says what does not go together', async () => {
    for (const option of ['--max-change=.1', '--good=there', '--data=there']) {
      const { code, stderr } = await stfpm(['export', path('run'), option]);
      assert.equal(code, 2);
      assert.match(stderr, /goes with --int8/);
    }
    const { code, stderr } = await stfpm(['export', path('run'), '--int8', '--max-change', '0']);
    assert.equal(code, 2);
    assert.match(stderr, /Expected a number above 0/);
  });
});
