import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { planRuns } from '../../src/lib/experiments/plan-runs';
import { EXPERIMENTS } from '../../src/lib/experiments/studies';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

const SHAPE = '{"kind":"basic","widths":[0.25,1,1]}';

describe('the recipes on the command line', () => {
  const { path } = temporaryFolder();
  let shared: string[];

  before(async () => {
    const data = await writeTinyDataset(path('data'));
    shared = ['--data', data, '--category', 'dots', '--random-teacher', '--epochs', '1'];
    shared.push('--image-size', '64', '--batch-size', '2');
    for (const [name, ...options] of [
      ['baseline'],
      ['pre', '--recipe', 'pre-training', '--auto-encoder', SHAPE],
      ['joint', '--recipe', 'joint', '--auto-encoder', SHAPE, '--auto-encoders', path('pre')],
    ]) {
      const { code, stderr } = await stfpm(['train', ...shared, ...options, '--out', path(name)]);
      assert.equal(code, 0, stderr);
      assert.equal(/^Test images: .* nothing is chosen by it$/m.test(stderr), name === 'pre');
      if (name === 'joint') assert.match(stderr, /epoch 1 of 1: loss .*L_tot .*L_rec .*clipped/);
    }
  });

  it('records a joint run with its losses by epoch and its threshold, without any path', async () => {
    const file = path('result.json');
    const { code, stderr } = await stfpm(['evaluate', path('joint'), '--result', file]);
    assert.equal(code, 0, stderr);
    const text = fs.readFileSync(file, 'utf8');
    assert.ok(!text.includes(path('')), 'a path in the record');
    const record = JSON.parse(text) as {
      what: string;
      joint: Record<string, number[]>;
      threshold: { source: string };
    };
    assert.match(record.what, /^STFPM with auto-encoders on dots/);
    assert.equal(record.threshold.source, 'train');
    for (const name of ['total', 'similarity', 'reconstruction', 'gradientNorm', 'clipped']) {
      assert.equal(record.joint[name].length, 1, name);
    }
  });

  it('tells good from defective by the threshold', async () => {
    const { stdout, stderr } = await stfpm([
      'predict',
      path('joint'),
      path('data', 'dots', 'test', 'good'),
    ]);
    assert.match(stdout, /^[\d.e-]+ +(good|defect) +\//m);
    assert.match(stderr, /^Threshold: .*: 0 of \d+ train images score above it$/m);
  });

  it('puts runs side by side with the settings that differ', async () => {
    const { code, stdout, stderr } = await stfpm(['compare', path('baseline'), path('joint')]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /baseline +joint/);
    assert.match(stdout, /^pixel AUROC +0\.\d{4} +0\.\d{4}$/m);
    assert.match(stdout, /^recipe +baseline +joint$/m);
    assert.ok(!/^imageSize/m.test(stdout));
  });

  it('says what a joint training lacks', async () => {
    const { code, stderr } = await stfpm([
      ...['train', ...shared, '--recipe', 'joint', '--auto-encoder', SHAPE],
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /name their run with --auto-encoders/);
  });

  it('has no metrics for a pre-training, and says so', async () => {
    const { code, stderr } = await stfpm(['evaluate', path('pre')]);
    assert.equal(code, 1);
    assert.match(stderr, /expected a run with a detector, found a pre-training/);
  });

  it('refuses a shape that is no JSON or has an unknown field', async () => {
    const broken = await stfpm(['train', ...shared, '--auto-encoder', '{']);
    assert.match(broken.stderr, /Expected JSON/);
    const unknown = ['--recipe', 'pre-training', '--auto-encoder', '{"depth":3}'];
    const { code, stderr } = await stfpm(['train', ...shared, ...unknown]);
    assert.notEqual(code, 0);
    assert.match(stderr, /autoEncoder.*depth/);
  });

  it('lists the runs of an experiment, and names its rows when one is unknown', async () => {
    const list = ['reproduce', 'sweep', '--list', '--synthetic', '--runs', path('runs')];
    const { code, stdout } = await stfpm([...list, '--rows', 'bottle-raw,bottle-001']);
    assert.equal(code, 0);
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)[0]),
      ['missing', 'missing', 'missing'],
    );
    const wrong = await stfpm([...list, '--rows', 'bottle-9']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /"bottle-9" is not a row of sweep; its rows are bottle-alpha-0/);
  });

  it('counts a record of the same settings, images and teacher as finished, wherever it was made', async () => {
    const vae = EXPERIMENTS.methods.find(({ name }) => name === 'method-vae-synthetic-bottle')!;
    const { run } = planRuns(vae, { seed: 0, epochs: 1, preTrainingEpochs: 1, trainImages: 120 });
    const record = {
      preset: vae.name,
      config: run.config,
      dataset: {
        name: 'synthetic',
        category: 'bottle',
        trainImages: 120,
        testImages: { good: 20, defect: 36 },
      },
      teacher: { kind: 'none', name: 'none' },
      metrics: {},
      loss: [],
    };
    fs.mkdirSync(path('records'));
    const states = async (change: object) => {
      const file = path('records', `${run.name}.json`);
      fs.writeFileSync(file, JSON.stringify({ ...record, ...change }));
      const folders = ['--runs', path('runs'), '--results', path('records')];
      const list = ['reproduce', 'methods', '--list', ...folders, '--rows', vae.name];
      const { code, stdout, stderr } = await stfpm([...list, '--seeds', '0,1']);
      assert.equal(code, 0, stderr);
      const lines = stdout.trim().split('\n');
      return lines.map((line) => line.split(/\s+/)[0]);
    };
    assert.deepEqual(await states({}), ['recorded', 'missing']);
    const { config, dataset } = record;
    for (const change of [
      { config: { ...config, imageSize: 128 } },
      { dataset: { ...dataset, trainImages: 119 } },
      { dataset: { ...dataset, name: 'MVTec AD' } },
      { teacher: { kind: 'embedded', name: 'embedded ResNet-18', sha256: 'abc' } },
    ]) {
      assert.deepEqual(await states(change), ['missing', 'missing'], JSON.stringify(change));
    }
  });

  it('puts no other teacher in the place of the ImageNet one where a row is about that', async () => {
    const row = ['--rows', 'teacher-imagenet-synthetic-bottle'];
    const { code, stderr } = await stfpm(['reproduce', 'teachers', ...row]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /teacher-imagenet-synthetic-bottle: expected ImageNet weights, found none/,
    );
  });
});
