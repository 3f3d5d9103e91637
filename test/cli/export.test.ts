import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { exportDetector } from '../../src/lib/onnx/export';
import { openOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { studentArrays } from '../../src/lib/methods/student-teacher';
import type { StudentConfig } from '../../src/lib/methods/student-teacher';
import { readRun } from '../../src/lib/runs/open-run';
import { temporaryFolder } from '../data/temporary-folder';
import { description } from '../onnx/description';
import { readPredictions } from './predictions';
import type { Predictions } from './predictions';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('a run for ONNX Runtime', () => {
  const { path } = temporaryFolder();
  let images: string;

  before(async () => {
    const data = await writeTinyDataset(path('data'));
    images = `${data}/dots/test/spot`;
    const { code, stderr } = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '1'],
      ...['--image-size', '64', '--batch-size', '2', '--out', path('run')],
    ]);
    assert.equal(code, 0, stderr);
  });

  const predict = async (...args: string[]) => {
    const { code, stdout, stderr } = await stfpm(['predict', ...args, '--json']);
    assert.equal(code, 0, stderr);
    return readPredictions(stdout);
  };
  const assertSameImages = (found: Predictions, expected: Predictions) => {
    assert.deepEqual(found.threshold, expected.threshold);
    assert.equal(found.images.length, expected.images.length);
    found.images.forEach(({ file, score, verdict }, i) => {
      const wanted = expected.images[i];
      assert.deepEqual({ file, verdict }, { file: wanted.file, verdict: wanted.verdict });
      assert.ok(Math.abs(score / wanted.score - 1) < 1e-4, `${file}: ${score}, ${wanted.score}`);
    });
  };

  it('is exported as a file that predicts as the run does, on either runtime', async () => {
    const file = path('exported', 'dots.onnx');
    const { code, stderr } = await stfpm(['export', path('run'), '--out', file]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Written: .*dots\.onnx \(22\.\d MB\)$/m);

    const byTensorFlow = await predict(path('run'), images, '--runtime', 'tensorflow');
    assert.ok(byTensorFlow.threshold);
    assert.equal(byTensorFlow.images.length, 2);
    assertSameImages(await predict(path('run'), images, '--runtime', 'onnx'), byTensorFlow);
    fs.renameSync(path('run'), path('away'));
    try {
      const byFile = await predict(file, images);
      assert.equal(byFile.run, 'dots.onnx');
      assertSameImages(byFile, byTensorFlow);
    } finally {
      fs.renameSync(path('away'), path('run'));
    }
  });

  it('tells in its file what it is, without any path of the machine', async () => {
    const { code, stderr } = await stfpm(['export', path('run'), '--product', 'level1']);
    assert.equal(code, 0, stderr);
    const file = path('run', 'model.onnx');
    assert.ok(!fs.readFileSync(file).includes(path()));
    const { metadata, dispose } = await openOnnxDetector(file);
    await dispose();
    assert.equal(metadata.category, 'dots');
    assert.equal(metadata.imageSize, 64);
    assert.equal(metadata.productResolution, 'level1');
    assert.equal(metadata.modelEpoch, 1);
    // Scores of this product are others than those that the run's threshold was set from.
    assert.equal(metadata.threshold, null);
    assert.match(stderr, /^No threshold in the file/m);
    assert.deepEqual(metadata.teacher, { kind: 'random', name: 'random initialisation, seed 0' });
    assert.equal(metadata.config?.recipe, 'baseline');
    const [atImage, atLevel1] = [await predict(path('run'), images), await predict(file, images)];
    atImage.images.forEach(({ score }, i) => assert.notEqual(atLevel1.images[i].score, score));
    assert.ok(atLevel1.images.every(({ verdict }) => verdict === undefined));
  });

  it('gives the same metrics on either runtime', async () => {
    const metrics: Record<string, { auroc: number; aupro?: number }>[] = [];
    for (const runtime of ['tensorflow', 'onnx']) {
      const args = ['--runtime', runtime, '--out', path(runtime), '--json'];
      const { code, stdout, stderr } = await stfpm(['evaluate', path('run'), ...args]);
      assert.equal(code, 0, stderr);
      metrics.push((JSON.parse(stdout) as { metrics: (typeof metrics)[number] }).metrics);
    }
    const [tensorFlow, onnx] = metrics;
    assert.equal(onnx.image.auroc, tensorFlow.image.auroc);
    assert.ok(Math.abs(onnx.pixel.auroc - tensorFlow.pixel.auroc) < 1e-6);
    assert.ok(tensorFlow.pixel.auroc > 0.5 && tensorFlow.pixel.auroc < 1);
  });

  it('is judged by without loading TensorFlow', () => {
    const program = `
      require(${JSON.stringify(fs.realpathSync('src/cli/main.ts'))}).main(process.argv.slice(1)).then((code) => {
        process.exitCode = code;
        console.log(Object.keys(require.cache).filter((file) => /tfjs|vega/.test(file)).length);
      });`;
    const args = [
      '-r',
      require.resolve('../register.cjs'),
      '-e',
      program,
      '--',
      'predict',
      path('run'),
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...args, images], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /1\.png\n0\n$/);
  });

  it('calls no image good or defective whose map is not made of numbers', async () => {
    const { config, model, teacherArrays } = readRun(path('run'));
    const arrays = {
      teacher: teacherArrays,
      ...studentArrays(model, config.config as StudentConfig),
    };
    const student = new Map(arrays.student);
    const { shape, data: weights } = student.get('conv1.weight')!;
    student.set('conv1.weight', { shape, data: weights.map(() => NaN) });
    const threshold = { value: 0.1, quantile: 0.99, images: 4, source: 'train' as const };
    const { category, imageSize, resizeFilter } = config.config;
    const settings = description({ category, imageSize, resizeFilter, threshold });
    const file = path('nan.onnx');
    fs.writeFileSync(file, exportDetector({ ...arrays, student }, settings));

    const { code, stdout, stderr } = await stfpm(['predict', file, images]);
    assert.equal(code, 5);
    assert.doesNotMatch(stdout, /good|defect/);
    assert.match(
      stderr,
      /^error: .*spot.0\.png: expected an anomaly map of numbers, found NaN in \d+ of 4096 pixels/m,
    );
    assert.match(stderr, /^error: 2 of 2 images could not be judged\.$/m);
    const json = await stfpm(['predict', file, images, '--json']);
    assert.equal(json.code, 5);
    const predictions = readPredictions(json.stdout);
    assert.deepEqual(predictions.images, []);
    assert.deepEqual(
      predictions.failed.map(({ file }) => file),
      ['0.png', '1.png'].map((name) => `${images}/${name}`),
    );
  });

  it('is not cut short by a full disk: the command fails, and an older file stays whole', () => {
    const file = path('full.onnx');
    fs.writeFileSync(file, 'old');
    const program = `
      require(${JSON.stringify(fs.realpathSync('src/cli/main.ts'))}).main(process.argv.slice(1)).then((code) => {
        process.exitCode = code;
      });`;
    const args = [
      '-r',
      require.resolve('../register.cjs'),
      '-e',
      program,
      '--',
      'export',
      path('run'),
    ];
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 1000; exec "$@"', 'bash', process.execPath, ...args, '--out', file],
      // Otherwise tsx would keep what it compiled, in files cut short.
      { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
    );
    assert.equal(status, 1, stderr);
    assert.match(stderr, /full\.onnx: could not be written: EFBIG/);
    assert.doesNotMatch(stderr, /Written/);
    assert.equal(fs.readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(
      fs.readdirSync(path()).filter((name) => name.includes('full')),
      ['full.onnx'],
    );
  });

  it('says what does not go together', async () => {
    const other = path('notes.onnx');
    fs.writeFileSync(other, 'some notes');
    const { code, stderr } = await stfpm(['predict', other, images]);
    assert.equal(code, 1);
    assert.match(stderr, /notes\.onnx: expected an ONNX file, found 10 bytes of something else/);
    for (const option of ['--runtime=tensorflow', '--weights=teacher.pth']) {
      const refused = await stfpm(['predict', other, images, option]);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /goes with a run/);
    }
  });
});
