import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { temporaryFolder } from '../data/temporary-folder';
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
      const { images: judged } = JSON.parse(stdout) as {
        images: { score: number; verdict: string }[];
      };
      assert.ok(judged.every(({ verdict }) => ['good', 'defect'].includes(verdict)));
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
