import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { findComparedRuns } from '../../src/cli/figures/paper-runs';
import { baselineConfig, jointConfig, type TrainingConfig } from '../../src/lib/training/config';
import { temporaryFolder } from '../data/temporary-folder';

describe('findComparedRuns', () => {
  const { path } = temporaryFolder();
  const folders: string[] = [];

  /** A finished run without weights: nothing here loads them. */
  const run = (
    name: string,
    config: TrainingConfig,
    { seed = 0, root = 'real', kind = 'random', isFinished = true } = {},
  ): string => {
    const folder = path('runs', name);
    fs.mkdirSync(folder, { recursive: true });
    const dataset = { root: path(root), trainImages: 10 };
    const teacher = { kind, name: kind, seed };
    fs.writeFileSync(`${folder}/config.json`, JSON.stringify({ config, dataset, teacher }));
    if (isFinished) fs.writeFileSync(`${folder}/summary.json`, '{}');
    folders.push(folder);
    return folder;
  };
  const shared = { category: 'bottle', epochs: 10 };

  before(() => {
    for (const root of ['real', 'own']) fs.mkdirSync(path(root, 'bottle'), { recursive: true });
    fs.writeFileSync(path('own', 'synthetic.json'), '{}');
  });
  beforeEach(() => {
    fs.rmSync(path('runs'), { recursive: true, force: true });
    folders.length = 0;
  });

  it('pairs runs of the same length, the longest first', () => {
    run('joint-10', jointConfig(shared));
    run('baseline-10', baselineConfig(shared));
    const joint = run('joint-20', jointConfig({ ...shared, epochs: 20 }));
    const baseline = run('baseline-20', baselineConfig({ ...shared, epochs: 20 }));
    run('joint-40', jointConfig({ ...shared, epochs: 40 }));
    assert.deepEqual(findComparedRuns('bottle', {}, folders), { joint, baseline });
  });

  it("prefers the paper's settings to a longer run with others, and real images to synthetic ones", () => {
    const joint = run('joint', jointConfig(shared));
    const baseline = run('baseline', baselineConfig(shared));
    run('joint-alpha', jointConfig({ ...shared, epochs: 90, alpha: 0.01 }));
    run('joint-own', jointConfig({ ...shared, epochs: 90 }), { root: 'own' });
    run('baseline-own', baselineConfig({ ...shared, epochs: 90 }), { root: 'own' });
    assert.deepEqual(findComparedRuns('bottle', {}, folders), { joint, baseline });
  });

  it('prefers the ImageNet teacher to the embedded one, and that one to a random one', () => {
    const pairs = ['random', 'file', 'embedded'].map((kind) => ({
      joint: run(`joint-${kind}`, jointConfig(shared), { kind }),
      baseline: run(`baseline-${kind}`, baselineConfig(shared), { kind }),
    }));
    assert.deepEqual(findComparedRuns('bottle', {}, folders), pairs[1]);
    const others = folders.filter((folder) => !folder.endsWith('file'));
    assert.deepEqual(findComparedRuns('bottle', {}, others), pairs[2]);
  });

  it('compares only what saw the same images through the same teacher', () => {
    run('joint', jointConfig(shared));
    run('baseline-teacher', baselineConfig(shared), { seed: 1 });
    run('baseline-images', baselineConfig(shared), { root: 'own' });
    run('baseline-size', baselineConfig({ ...shared, imageSize: 128 }));
    run('baseline-unfinished', baselineConfig(shared), { isFinished: false });
    assert.throws(
      () => findComparedRuns('bottle', {}, folders),
      /found 1 joint and 3 baseline runs\. `stfpm reproduce table2 --rows bottle-001,baseline-bottle`/,
    );
  });

  it('takes the run that is named, and looks for the other', () => {
    const joint = run('joint-alpha', jointConfig({ ...shared, alpha: 0.01 }));
    run('joint', jointConfig(shared));
    const baseline = run('baseline', baselineConfig(shared));
    assert.deepEqual(findComparedRuns('bottle', { joint }, folders), { joint, baseline });
  });

  it('passes over folders that hold no detector', () => {
    fs.mkdirSync(path('runs', 'broken'), { recursive: true });
    fs.writeFileSync(path('runs', 'broken', 'config.json'), '{}');
    fs.writeFileSync(path('runs', 'broken', 'summary.json'), '{}');
    folders.push(path('runs', 'broken'));
    assert.throws(() => findComparedRuns('bottle', {}, folders), /found 0 joint and 0 baseline/);
  });
});
