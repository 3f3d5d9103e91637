import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { decodeNpy } from '../../src/lib/evaluation/npy';
import { RunFolder } from '../../src/lib/training/run-folder';
import { readSafetensors } from '../../src/lib/weights/safetensors';
import { temporaryFolder } from '../data/temporary-folder';
import { readPredictions } from './predictions';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

interface Report {
  run: string;
  modelEpoch: number;
  dataset: object;
  metrics: {
    image: { auroc: number };
    pixel: { auroc: number; aupro: number; aupro05: number; instanceAveragePrecision: number };
    defects: Record<string, object>;
  };
  scores: { good: { min: number } };
}

describe('a trained run', () => {
  const { path } = temporaryFolder();
  let data: string;

  before(async () => {
    data = await writeTinyDataset(path('data'));
    const { code, stderr } = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '2'],
      ...['--image-size', '64', '--batch-size', '2', '--out', path('run')],
    ]);
    assert.equal(code, 0, stderr);
  });

  const read = (...names: string[]) => fs.readFileSync(path(...names), 'utf8');
  const readJson = (...names: string[]) => JSON.parse(read(...names)) as unknown;
  const scoresOf = (...names: string[]) =>
    read(...names)
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));

  describe('evaluated', () => {
    it('prints its metrics, and writes them with the scores into the run folder', async () => {
      const { code, stdout, stderr } = await stfpm(['evaluate', path('run')]);
      assert.equal(code, 0, stderr);
      const { metrics, ...report } = readJson('run', 'evaluation.json') as Report;
      assert.equal(report.run, 'run');
      assert.equal(report.modelEpoch, 2);
      assert.deepEqual(report.dataset, { name: 'data', category: 'dots', testImages: 6 });
      assert.match(stdout, /^dots \(data\): 2 good and 4 defect images at 64 x 64 pixels$/m);
      const auroc = `${metrics.image.auroc.toFixed(4)} +${metrics.pixel.auroc.toFixed(4)}`;
      assert.match(stdout, new RegExp(`^AUROC +${auroc}$`, 'm'));
      const { aupro, aupro05, instanceAveragePrecision } = metrics.pixel;
      assert.match(stdout, new RegExp(`^AU-PRO .*0\\.3.* ${aupro.toFixed(4)}$`, 'm'));
      assert.match(stdout, new RegExp(`^AU-PRO .*0\\.05.* ${aupro05.toFixed(4)}$`, 'm'));
      assert.match(
        stdout,
        new RegExp(`^ *by instance .* ${instanceAveragePrecision.toFixed(4)}$`, 'm'),
      );
      assert.match(stdout, /chosen on the test labels/);
      assert.match(stdout, /^teacher: random initialisation, seed 0: untrained/m);
      for (const defect of ['line', 'spot']) {
        assert.ok(defect in metrics.defects);
        assert.match(stdout, new RegExp(`^${defect} +2 +\\d\\.\\d{4} +\\d\\.\\d{4}$`, 'm'));
      }
    });

    it('says what the threshold does, and that so few images prove nothing', async () => {
      const point = (report: unknown) =>
        (report as { operatingPoint: Record<string, { count: number; of: number }> })
          .operatingPoint;
      const { missed, falseAlarms } = point(readJson('run', 'evaluation.json'));
      assert.deepEqual([missed.of, falseAlarms.of], [4, 2]);
      const args = ['evaluate', path('run'), '--out', path('blind'), '--threshold', '1e9'];
      const { stdout, stderr } = await stfpm(args);
      assert.match(stdout, /^ {2}missed +4 of 4 \(100 %, 95 % interval 40 % to 100 %\)$/m);
      assert.match(stdout, /^ {4}spot: 2 of 2 /m);
      assert.match(stdout, /^Image AUROC: 95 % interval /m);
      assert.match(
        stderr,
        /^warning: At its threshold the detector finds nothing: all 4 defective/m,
      );
      assert.equal(point(readJson('blind', 'evaluation.json')).missed.count, 4);
    });

    it('says what it costs', () => {
      const { cost } = readJson('run', 'evaluation.json') as { cost: Record<string, number> };
      const model = fs.statSync(path('run', 'model.safetensors')).size;
      assert.equal(cost.modelBytes, model);
      assert.ok(cost.secondsPerImage > 0 && cost.trainingSeconds > 0);
      // In bytes, and the engine alone is larger than the model.
      assert.ok(cost.peakMemoryBytes > model && cost.peakMemoryBytes < os.totalmem());
    });

    it('lists each test image with its label, named from the data set on', () => {
      const [head, ...rows] = scoresOf('run', 'scores.csv');
      assert.deepEqual(head, ['file', 'label', 'score']);
      assert.deepEqual(
        rows.map(([file, label]) => `${file} ${label}`),
        [
          'dots/test/good/0.png 0',
          'dots/test/good/1.png 0',
          'dots/test/line/0.png 1',
          'dots/test/line/1.png 1',
          'dots/test/spot/0.png 1',
          'dots/test/spot/1.png 1',
        ].sort(),
      );
    });

    it('writes maps in the order of the scores, whose largest values are the scores', async () => {
      const maps = path('maps.npy');
      const args = ['evaluate', path('run'), '--maps', maps, '--out', path('elsewhere')];
      const { code, stderr } = await stfpm(args);
      assert.equal(code, 0, stderr);
      const { shape, data: values } = decodeNpy(fs.readFileSync(maps), maps);
      assert.deepEqual(shape, [6, 64, 64]);
      const largest = Array.from({ length: 6 }, (_, i) =>
        values.subarray(i * 64 * 64, (i + 1) * 64 * 64).reduce((a, b) => Math.max(a, b)),
      );
      const scores = scoresOf('elsewhere', 'scores.csv').slice(1);
      assert.deepEqual(
        scores.map(([, , score]) => Number(score)),
        largest,
      );
      assert.equal(read('elsewhere', 'scores.csv'), read('run', 'scores.csv'));
    });

    it('prints nothing but the report as JSON when asked to', async () => {
      const { code, stdout } = await stfpm(['evaluate', path('run'), '--json']);
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(stdout), readJson('run', 'evaluation.json'));
    });

    it('writes a record of the run without any path of the machine', async () => {
      const args = ['evaluate', path('run'), '--result', path('results', 'dots.json')];
      const { code, stderr } = await stfpm(args);
      assert.equal(code, 0, stderr);
      assert.ok(!read('results', 'dots.json').includes(path()));
      const record = readJson('results', 'dots.json') as Record<string, unknown>;
      const { metrics } = readJson('run', 'evaluation.json') as { metrics: { pixel: object } };
      assert.deepEqual((record.metrics as typeof metrics).pixel, metrics.pixel);
      assert.equal(record.what, 'STFPM baseline on dots (data), protocol A, seed 0');
      assert.equal(record.modelEpoch, 2);
      assert.equal((record.loss as number[]).length, 2);
      assert.deepEqual(Object.keys(record.versions as object).sort(), [
        'node',
        'project',
        'tensorflow',
        'tfjs',
      ]);
      const { config } = readJson('run', 'config.json') as { config: object };
      assert.deepEqual(record.config, config);
      assert.deepEqual((record.dataset as { testImages: object }).testImages, {
        good: 2,
        defect: 4,
      });
    });

    it('refuses a record of a run that is not finished', async () => {
      fs.cpSync(path('run'), path('unfinished'), { recursive: true });
      fs.rmSync(path('unfinished', 'summary.json'));
      const file = path('results', 'unfinished.json');
      const { code, stderr } = await stfpm(['evaluate', path('unfinished'), '--result', file]);
      assert.equal(code, 1);
      assert.match(stderr, /unfinished: expected a finished run for a result/);
      assert.ok(!fs.existsSync(file));
    });

    it('leaves defects without a mask out of the pixel metrics, and says so', async () => {
      const odd = await writeTinyDataset(path('odd'));
      fs.rmSync(path('odd', 'dots', 'ground_truth'), { recursive: true });
      const args = ['evaluate', path('run'), '--data', odd, '--out', path('odd-evaluation')];
      const { code, stdout, stderr } = await stfpm(args);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^warning: .*no masks: metrics of whole images alone/m);
      assert.doesNotMatch(stdout, /AU-PRO/);
      assert.match(stdout, /^Metrics of whole images alone: no defect image has a mask/m);
      const report = readJson('odd-evaluation', 'evaluation.json') as Report;
      assert.equal(report.metrics.pixel.aupro, null);
      const strict = await stfpm([...args, '--strict']);
      assert.equal(strict.code, 1);
    });

    it('measures nothing on maps that are not made of numbers, nor reports them', async () => {
      fs.cpSync(path('run'), path('overflowing'), { recursive: true });
      const model = path('overflowing', 'model.safetensors');
      const { arrays, metadata } = readSafetensors(model);
      const { shape, data: weights } = arrays.get('bn1.weight')!;
      arrays.set('bn1.weight', { shape, data: weights.map(() => 1e38) });
      new RunFolder(path('overflowing')).saveModel(arrays, metadata);
      fs.rmSync(path('overflowing', 'evaluation.json'));
      const page = path('overflowing.html');
      for (const args of [['evaluate'], ['report', '--out', page]]) {
        const { code, stderr } = await stfpm([...args, path('overflowing')]);
        assert.equal(code, 1);
        assert.match(
          stderr,
          /error: .*good.0\.png \(image 0\): expected an anomaly map of numbers, found NaN in \d+ of 4096/,
        );
      }
      assert.ok(!fs.existsSync(path('overflowing', 'evaluation.json')) && !fs.existsSync(page));
    });

    it('says what is missing when the images are gone, and takes them from elsewhere', async () => {
      fs.cpSync(path('run'), path('moved'), { recursive: true });
      const config = readJson('moved', 'config.json') as { dataset: { root: string } };
      config.dataset.root = path('gone');
      fs.writeFileSync(path('moved', 'config.json'), JSON.stringify(config));
      const { code, stderr } = await stfpm(['evaluate', path('moved')]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /gone: expected the data set .* found no such folder\. Name it with --data/,
      );
      const found = await stfpm(['evaluate', path('moved')], { MVTEC_AD_ROOT: data });
      assert.equal(found.code, 0, found.stderr);
    });

    it('says what is there instead of a run', async () => {
      const nothing = await stfpm(['evaluate', path('nothing')]);
      assert.equal(nothing.code, 1);
      assert.match(nothing.stderr, /nothing: expected the folder of a training run, found no such/);
      const images = await stfpm(['evaluate', data]);
      assert.match(images.stderr, /expected the folder of a training run, found no config\.json/);
      fs.mkdirSync(path('new'));
      fs.copyFileSync(path('run', 'config.json'), path('new', 'config.json'));
      const early = await stfpm(['evaluate', path('new')]);
      assert.match(early.stderr, /found a run whose first epoch is not complete/);
    });
  });

  describe('drawn', () => {
    it('gives maps and curves as PNG, and names the files', async () => {
      const { code, stdout, stderr } = await stfpm(['figures', path('run'), '--out', path('fig')]);
      assert.equal(code, 0, stderr);
      const names = ['loss', 'maps', 'maps-paper', 'pro', 'roc', 'scores'];
      const files = names.map((name) => path('fig', 'run', `${name}.png`));
      assert.deepEqual(stdout.trimEnd().split('\n').sort(), files.sort());
      for (const file of files) {
        assert.equal(fs.readFileSync(file).toString('latin1', 1, 4), 'PNG', file);
      }
    });
  });

  describe('asked about other images', () => {
    const image = (name: string) => `${data}/dots/test/${name}.png`;

    it('scores them as it does in an evaluation', async () => {
      const files = [image('line/1'), image('good/0')];
      const { code, stdout, stderr } = await stfpm(['predict', path('run'), ...files, '--json']);
      assert.equal(code, 0, stderr);
      const { images } = readPredictions(stdout);
      const scores = new Map(
        scoresOf('run', 'scores.csv').map(([file, , score]) => [`${data}/${file}`, Number(score)]),
      );
      assert.deepEqual(
        images.map(({ file }) => file),
        files,
      );
      // The last digits may depend on the number of images in a batch.
      for (const { file, score } of images) {
        const expected = scores.get(file) ?? NaN;
        assert.ok(Math.abs(score / expected - 1) < 1e-4, `${file}: ${score}, not ${expected}`);
      }
    });

    it('takes folders, and writes scores, overlays and maps', async () => {
      const { code, stdout, stderr } = await stfpm([
        ...['predict', path('run'), `${data}/dots/test/spot`, image('good/0')],
        ...['--out', path('judged'), '--overlays', '--maps', path('judged', 'maps.npy')],
      ]);
      assert.equal(code, 0, stderr);
      assert.equal(stdout.trimEnd().split('\n').length, 3);
      assert.match(stderr, /^For comparison, test images: good .* to .*, defect /m);
      const rows = scoresOf('judged', 'scores.csv');
      assert.equal(
        rows[0].join(),
        'file,score,score_over_threshold,verdict,regions,overlay,mask,error',
      );
      assert.equal(rows.length, 4);
      // Two of the images are called 0.png, in folders of their own.
      assert.deepEqual(
        rows.slice(1).map((row) => row[5]),
        ['overlays/spot/0.png', 'overlays/spot/1.png', 'overlays/good/0.png'],
      );
      for (const row of rows.slice(1)) assert.ok(fs.existsSync(path('judged', row[5])));
      const maps = path('judged', 'maps.npy');
      assert.deepEqual(decodeNpy(fs.readFileSync(maps), maps).shape, [3, 64, 64]);
    });

    it('names a path where nothing is', async () => {
      const { code, stderr } = await stfpm(['predict', path('run'), path('none.png')]);
      assert.equal(code, 1);
      assert.match(stderr, /none\.png: expected an image or a folder of images, found nothing/);
    });
  });
});
