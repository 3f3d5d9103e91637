import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { encodeDetector } from '../../src/lib/onnx/export';
import { readDetectorMetadata } from '../../src/lib/onnx/metadata';
import type { DetectorMetadata } from '../../src/lib/onnx/metadata';
import { methodOf } from '../../src/lib/methods/index';
import { readRun } from '../../src/lib/runs/open-run';
import { temporaryFolder } from '../data/temporary-folder';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

interface Verified {
  identical: boolean;
  settings: { setting: string; run: unknown; file: unknown }[];
  rows: {
    runtime: string;
    missing?: string;
    images: number;
    score: { relative: number | null; file: string | null };
    map: { relative: number | null } | null;
    flips: string[] | null;
  }[];
  failed: { file: string; error: string }[];
}

describe('stfpm verify', () => {
  const { path } = temporaryFolder();
  let data: string;

  before(async () => {
    data = await writeTinyDataset(path('data'));
    for (const [run, seed] of [
      ['run', '0'],
      ['other', '1'],
    ]) {
      const { code, stderr } = await stfpm([
        ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '1'],
        ...['--image-size', '64', '--batch-size', '2', '--seed', seed, '--out', path(run)],
      ]);
      assert.equal(code, 0, stderr);
    }
    assert.equal((await stfpm(['export', path('run')])).code, 0);
  });

  const verify = async (...args: string[]) => {
    const { code, stdout, stderr } = await stfpm(['verify', ...args, '--json']);
    return { code, stderr, found: JSON.parse(stdout || 'null') as Verified };
  };

  /** The run's file with other settings, or with other numbers in it. */
  function damaged(
    name: string,
    settings: Partial<DetectorMetadata>,
    factor: (weight: string) => number = () => 1,
  ): string {
    const { config, model, teacherArrays } = readRun(path('run'));
    const arrays = new Map(
      [...model].map(([weight, { shape, data }]) => [
        weight,
        { shape, data: data.map((value) => value * factor(weight)) },
      ]),
    );
    const { graph } = methodOf(config.config);
    assert.ok(typeof graph === 'function');
    const metadata = readDetectorMetadata(fs.readFileSync(path('run', 'model.onnx')), 'model.onnx');
    const file = path(name);
    const nodes = graph(arrays, config.config, teacherArrays, 'image');
    fs.writeFileSync(file, encodeDetector(nodes, { ...metadata, ...settings }));
    return file;
  }

  it('finds a file that was exported to be the run, on all its test pictures', async () => {
    const { code, stderr, found } = await verify(path('run'));
    assert.equal(code, 0, stderr);
    assert.equal(found.identical, true);
    assert.deepEqual(found.settings, []);
    const [node] = found.rows;
    assert.match(node.runtime, /^ONNX Runtime 1\.\d+\.\d+ in Node\.js$/);
    assert.equal(node.images, 6);
    assert.deepEqual(node.flips, []);
    // Two programs that sum in another order: neither equal to the bit, nor far apart.
    assert.ok(node.map?.relative && node.map.relative < 1e-5, JSON.stringify(node.map));
    assert.ok(Number(node.score.relative) < 1e-5);
  });

  it('takes named pictures, and shows a table', async () => {
    const images = `${data}/dots/test/spot`;
    const args = ['verify', path('run', 'model.onnx'), path('run'), '--images', images];
    const { code, stdout, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ONNX Runtime \S+ in Node\.js +2 +\S+ +\S+ +0$/m);
    assert.match(stdout, /what `stfpm export` writes of the run\.$/m);
    assert.match(stderr, /does what .* does, within 0\.0001\.$/m);
  });

  it('finds a change of one layer by a hundredth', async () => {
    const file = damaged('weights.onnx', {}, (name) => (name === 'conv1.weight' ? 1.01 : 1));
    const { code, stderr, found } = await verify(file, path('run'));
    assert.equal(code, 1);
    assert.equal(found.identical, false);
    assert.ok(Number(found.rows[0].map?.relative) > 1e-4);
    assert.match(stderr, /was not verified against .*: ONNX Runtime .* has other .*maps/);
    // The same way of writing it, with the numbers as they are.
    assert.equal((await verify(damaged('same.onnx', {}), path('run'))).code, 0);
  });

  it('finds another threshold, and the verdicts that it flips', async () => {
    const { threshold } = readRun(path('run'));
    assert.ok(threshold);
    const slightly = damaged('slightly.onnx', {
      threshold: { ...threshold, value: threshold.value * (1 + 1e-6) },
    });
    const first = await verify(slightly, path('run'));
    assert.equal(first.code, 1);
    assert.deepEqual(
      first.found.settings.map(({ setting }) => setting),
      ['threshold'],
    );
    assert.match(first.stderr, /it has another threshold/);

    const file = damaged('threshold.onnx', { threshold: { ...threshold, value: 1e9 } });
    const { code, found } = await verify(file, path('run'));
    assert.equal(code, 1);
    const { flips } = found.rows[0];
    assert.ok(flips && flips.length >= 4, JSON.stringify(flips));
    assert.ok(flips.every((name) => /^dots\/test\//.test(name)));
  });

  it('finds another resize filter, in the settings and in the scores of pictures of another size', async () => {
    const file = damaged('filter.onnx', { resizeFilter: 'lanczos3' });
    const { code, stderr, found } = await verify(file, path('run'));
    assert.equal(code, 1);
    assert.match(stderr, /it has another resizeFilter/);
    assert.deepEqual(found.settings, [
      { setting: 'resizeFilter', run: 'bilinear', file: 'lanczos3' },
    ]);
    const large = path('large.png');
    const sharp = (await import('sharp')).default;
    await sharp(`${data}/dots/test/spot/0.png`)
      .resize(150, 150, { kernel: 'nearest' })
      .toFile(large);
    const resized = await verify(file, path('run'), '--images', large);
    assert.ok(Number(resized.found.rows[0].map?.relative) > 1e-4);
  });

  it("finds another run's file", async () => {
    assert.equal((await stfpm(['export', path('other')])).code, 0);
    const { code, stderr, found } = await verify(path('other', 'model.onnx'), path('run'));
    assert.equal(code, 1);
    assert.match(stderr, /ONNX Runtime .* has other scores and maps/);
    assert.ok(found.settings.some(({ setting }) => setting === 'config.seed'));
  });

  it('counts maps that are no numbers, and pictures that cannot be read, as failed', async () => {
    const file = damaged('nan.onnx', {}, () => NaN);
    const nan = await verify(file, path('run'));
    assert.equal(nan.code, 1);
    assert.equal(nan.found.failed.length, 6);
    const torn = path('torn.png');
    fs.writeFileSync(torn, fs.readFileSync(`${data}/dots/test/spot/0.png`).subarray(0, 200));
    const args = ['--images', torn, `${data}/dots/test/spot`];
    const { code, stderr, found } = await verify(path('run'), ...args);
    assert.equal(code, 1);
    assert.equal(found.rows[0].images, 2);
    assert.match(stderr, /1 of 3 images could not be judged/);
  });

  it('compares maps that were multiplied at level 1 with the same of the run', async () => {
    const file = path('level1.onnx');
    const args = ['export', path('run'), '--product', 'level1', '--out', file];
    assert.equal((await stfpm(args)).code, 0);
    const { code, stderr, found } = await verify(file, path('run'));
    assert.equal(code, 0, stderr);
    // Without a threshold there are no verdicts.
    assert.equal(found.rows[0].flips, null);
  });

  it('checks the model and the settings inside a page', async () => {
    const file = path('inspect.html');
    const both = await stfpm(['export', path('run'), '--html', file, '--out', path('x.onnx')]);
    assert.equal(both.code, 2);
    assert.equal((await stfpm(['export', path('run'), '--html', file])).code, 0);
    const { code, stderr, found } = await verify(file, path('run'));
    assert.equal(code, 0, stderr);
    // Its weights have fewer bits: not equal, and close enough.
    assert.ok(Number(found.rows[0].map?.relative) > 1e-6);
    const page = fs.readFileSync(file, 'latin1');
    const changed = path('changed.html');
    fs.writeFileSync(changed, page.replace(/"threshold":[^,]+/, '"threshold":1000'), 'latin1');
    const other = await verify(changed, path('run'));
    assert.equal(other.code, 1);
    assert.match(other.stderr, /it has another page\.threshold/);
    fs.writeFileSync(changed, page.slice(0, 1e6), 'latin1');
    assert.match((await verify(changed, path('run'))).stderr, /changed\.html: expected a page/);
  });

  it('says why Python was not tried, and fails where it was asked for', async () => {
    const missing = ['--python', path('nowhere')];
    const { code, stderr, found } = await verify(path('run'), ...missing);
    assert.equal(code, 1);
    assert.match(String(found.rows[1].missing), /nowhere: no such program$/);
    assert.match(stderr, /Python was not tried: .*no such program/);
  });

  it('judges in Python what it judges in Node.js', async function () {
    const python = process.env.ONNXRUNTIME_PYTHON ?? 'python3';
    const { status } = spawnSync(python, ['-I', '-c', 'import numpy, onnxruntime']);
    if (status !== 0) {
      process.stderr.write(
        `    skipped: ${python} has no onnxruntime; ONNXRUNTIME_PYTHON names one\n`,
      );
      this.skip();
    }
    const { code, stderr, found } = await verify(path('run'), '--python', python);
    assert.equal(code, 0, stderr);
    const [, row] = found.rows;
    assert.match(row.runtime, /^ONNX Runtime \S+ in Python 3\.\d+/);
    assert.equal(row.images, 6);
    assert.ok(row.map?.relative && row.map.relative < 1e-5);
    const bad = damaged('python.onnx', { threshold: null }, () => 1.01);
    const other = await verify(bad, path('run'), '--python', python);
    assert.equal(other.code, 1);
    assert.ok(Number(other.found.rows[1].map?.relative) > 1e-4);
    assert.ok(other.found.rows[1].flips?.length);
  });

  it('says which run it needs', async () => {
    fs.copyFileSync(path('run', 'model.onnx'), path('alone.onnx'));
    const { code, stderr } = await stfpm(['verify', path('alone.onnx')]);
    assert.equal(code, 2);
    assert.match(stderr, /Name the run that .*alone\.onnx came from/);
    fs.writeFileSync(path('notes.onnx'), 'some notes');
    const notes = await stfpm(['verify', path('notes.onnx'), path('run')]);
    assert.equal(notes.code, 1);
    assert.match(notes.stderr, /notes\.onnx: expected an ONNX file/);
  });
});
