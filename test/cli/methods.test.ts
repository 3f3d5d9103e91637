import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { temporaryFolder } from '../data/temporary-folder';
import { readPredictions } from './predictions';
import { stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('another method on the command line', () => {
  const { path } = temporaryFolder();
  const run = () => path('patchcore');
  const train = async (...more: string[]) => {
    const data = path('data');
    return stfpm([
      ...['train', '--method', 'patchcore', '--data', data, '--category', 'dots'],
      ...['--random-teacher', '--image-size', '64', '--settings', '{"maxEntries":50}'],
      ...['--out', run(), ...more],
    ]);
  };

  before(async () => {
    await writeTinyDataset(path('data'));
    const { code, stdout, stderr } = await train();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Finished in .*\.$/m);
  });

  it('is trained into a run, with its settings and a threshold from held-out images', () => {
    const { config } = JSON.parse(fs.readFileSync(`${run()}/config.json`, 'utf8')) as {
      config: Record<string, unknown>;
    };
    assert.equal(config.recipe, 'patchcore');
    assert.equal(config.maxEntries, 50);
    assert.equal('epochs' in config, false);
  });

  it('is finished: the same command says so, and other settings are refused', async () => {
    const again = await train();
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /finished already/);
    const other = await train('--settings', '{"maxEntries":40}');
    assert.equal(other.code, 1);
    assert.match(other.stderr, /maxEntries: the run has 50, you asked for 40/);
  });

  it('refuses what is no setting of its', async () => {
    for (const [option, value] of [
      ['--epochs', '3'],
      ['--alpha', '1'],
    ]) {
      const { code, stderr } = await train('--out', path('other'), option, value);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`Unrecognized key.*${option.slice(2)}`));
    }
  });

  it('is evaluated, judges images the same on either runtime, and is compared', async () => {
    const evaluated = await stfpm(['evaluate', run()]);
    assert.equal(evaluated.code, 0, evaluated.stderr);
    assert.match(evaluated.stdout, /^patchcore: PatchCore$/m);

    const scores: number[][] = [];
    for (const runtime of ['onnx', 'tensorflow']) {
      const images = `${path('data')}/dots/test/spot`;
      const args = ['predict', run(), images, '--runtime', runtime, '--json'];
      const { code, stdout, stderr } = await stfpm(args);
      assert.equal(code, 0, stderr);
      const { images: judged } = readPredictions(stdout);
      assert.ok(judged.every(({ verdict }) => ['good', 'defect'].includes(verdict ?? '')));
      scores.push(judged.map(({ score }) => score));
    }
    scores[0].forEach((score, i) => assert.ok(Math.abs(score / scores[1][i] - 1) < 1e-4));

    const compared = await stfpm(['compare', run(), run()]);
    assert.equal(compared.code, 0, compared.stderr);
    assert.match(compared.stdout, /method +PatchCore +PatchCore/);
    assert.match(compared.stdout, /loss per image +– +–/);
  });

  it('has figures without a loss, and a page', async () => {
    const figures = await stfpm(['figures', run(), '--out', path('figures')]);
    assert.equal(figures.code, 0, figures.stderr);
    const written = fs.readdirSync(path('figures'), { recursive: true, encoding: 'utf8' });
    const names = written.map((file) => file.split(/[\\/]/).at(-1)!);
    assert.ok(names.includes('maps.png') && names.includes('maps-paper.png'), names.join(', '));
    assert.ok(!names.includes('loss.png'));
    const report = await stfpm(['report', run(), '--out', path('report.html')]);
    assert.equal(report.code, 0, report.stderr);
    assert.match(fs.readFileSync(path('report.html'), 'utf8'), /PatchCore/);
  });

  it('has no product of levels to take elsewhere', async () => {
    const { code, stderr } = await stfpm(['export', run(), '--product', 'level1']);
    assert.equal(code, 2);
    assert.match(stderr, /--product goes with methods that multiply the maps of levels/);
  });
});

describe('a method that judges whole images, and one without a teacher', () => {
  const { path } = temporaryFolder();
  let data: string;
  const train = (method: string, settings: object, ...more: string[]) =>
    stfpm([
      ...['train', '--method', method, '--data', data, '--category', 'dots', '--image-size', '64'],
      ...['--settings', JSON.stringify(settings), '--out', path(method), ...more],
    ]);

  before(async () => {
    data = await writeTinyDataset(path('data'), { train: 6 });
    const images = await train('one-class', {}, '--random-teacher');
    assert.equal(images.code, 0, images.stderr);
    const vae = { networkSize: 32, width: 4, latentSize: 4, samples: 2 };
    // Weights that cannot be read are not looked at.
    const alone = await train('vae', vae, '--epochs', '1', '--weights', path('no-such-file.pth'));
    assert.equal(alone.code, 0, alone.stderr);
    assert.doesNotMatch(alone.stderr, /[Tt]eacher/);
  });

  it('has its image metrics, and one sentence on those that it cannot have', async () => {
    const { code, stdout, stderr } = await stfpm(['evaluate', path('one-class')]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^AUROC +[01]\.\d{4} +–$/m);
    const sentences = stdout.match(
      /^10 metrics are undefined \(–\): The method judges whole images.*$/gm,
    );
    assert.equal(sentences?.length, 1, stdout);
    assert.equal(stdout.match(/undefined/g)?.length, 1);
  });

  it('is asked for no maps: it says so before any work', async () => {
    const images = `${data}/dots/test/spot`;
    const run = path('one-class');
    for (const args of [
      ['evaluate', run, '--maps', path('maps.npy')],
      ['predict', run, images, '--maps', path('maps.npy')],
      ['predict', run, images, '--out', path('out'), '--overlays'],
    ]) {
      const { code, stderr } = await stfpm(args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /--(maps|overlays): .* judges whole images: no maps/);
      assert.doesNotMatch(stderr, /Computing|Judging/);
    }
    assert.ok(!fs.existsSync(path('maps.npy')) && !fs.existsSync(path('out')));
  });

  it('has the figures and the page of its image scores, also beside one with maps', async () => {
    const figures = await stfpm(['figures', path('one-class'), '--out', path('figures')]);
    assert.equal(figures.code, 0, figures.stderr);
    const written = fs.readdirSync(path('figures'), { recursive: true, encoding: 'utf8' });
    const names = written.map((file) => file.split(/[\\/]/).at(-1)!);
    assert.deepEqual(names.filter((name) => name.endsWith('.png')).sort(), [
      'roc.png',
      'scores.png',
    ]);
    for (const runs of [['one-class'], ['one-class', 'vae']]) {
      const file = path(`${runs.length}.html`);
      const { code, stderr } = await stfpm([
        'report',
        ...runs.map((run) => path(run)),
        '--out',
        file,
      ]);
      assert.equal(code, 0, stderr);
      const page = fs.readFileSync(file, 'utf8');
      assert.equal(page.match(/<div class="no-map"/g)?.length, 6);
      assert.equal(
        page.match(/<button type="button" data-run/g)?.length ?? 0,
        6 * (runs.length - 1),
      );
      assert.equal(/<option value="0">one-class<\/option>/.test(page), false);
    }
  });

  it('is judged, compared and recorded without a teacher where it has none', async () => {
    const { teacher } = JSON.parse(fs.readFileSync(path('vae', 'config.json'), 'utf8')) as {
      teacher: object;
    };
    assert.deepEqual(teacher, { kind: 'none', name: 'none' });
    const predicted = await stfpm(['predict', path('vae'), `${data}/dots/test/spot`]);
    assert.equal(predicted.code, 0, predicted.stderr);
    assert.doesNotMatch(predicted.stderr, /Teacher/);
    const compared = await stfpm(['compare', path('vae'), path('one-class')]);
    assert.equal(compared.code, 0, compared.stderr);
  });
});
