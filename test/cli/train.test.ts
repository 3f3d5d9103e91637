import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { readSafetensors } from '../../src/lib/weights/safetensors';
import { temporaryFolder } from '../data/temporary-folder';
import { startStfpm, stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

/** Settings with which an epoch takes a fraction of a second. */
const TINY = ['--random-teacher', '--image-size', '64', '--batch-size', '2', '--category', 'dots'];

interface EpochLine {
  epoch: number;
  loss: number;
}

describe('stfpm train', () => {
  const { path } = temporaryFolder();
  let data: string;
  let train: string[];

  before(async () => {
    data = await writeTinyDataset(path('data'));
    train = ['train', '--data', data, ...TINY];
  });

  const epochsOf = (run: string) =>
    fs
      .readFileSync(path(run, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as EpochLine);
  const lossesOf = (run: string) => epochsOf(run).map(({ epoch, loss }) => ({ epoch, loss }));
  const modelOf = (run: string) => fs.readFileSync(path(run, 'model.safetensors'));

  /** Trains without a stop, and checks that the other run has come to the very same. */
  async function assertSameAsUninterrupted(run: string, epochs: number, more: string[] = []) {
    const whole = `${run}-uninterrupted`;
    const { code, stderr } = await stfpm([
      ...[...train, ...more],
      ...['--epochs', `${epochs}`, '--out', path(whole)],
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(lossesOf(run), lossesOf(whole));
    assert.ok(modelOf(run).equals(modelOf(whole)), 'the models differ');
  }

  it('trains into a run folder and says what comes next', async () => {
    const args = [...train, '--epochs', '2', '--out', path('plain')];
    const { code, stdout, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Finished in .*: 2 epochs, loss \d\.\d{4}, model of epoch 2\.$/m);
    assert.match(stdout, /^Next: npx stfpm evaluate .*plain$/m);
    assert.match(stderr, /^Images: dots, 4 train and 6 test images; /m);
    assert.match(stderr, /^Teacher: random initialisation, seed 0: untrained/m);
    assert.match(stderr, /^epoch 2 of 2: loss \d\.\d{4} \(.* s\)$/m);
    assert.deepEqual(fs.readdirSync(path('plain')).sort(), [
      'config.json',
      'metrics.jsonl',
      'model.safetensors',
      'split.json',
      'state.safetensors',
      'summary.json',
      'tensorboard',
    ]);
  });

  it('trains to the same model with the features on disk', async () => {
    const args = [...train, '--epochs', '2', '--feature-memory', '0', '--out', path('on-disk')];
    const { code, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    assert.deepEqual(lossesOf('on-disk'), lossesOf('plain'));
    assert.ok(modelOf('on-disk').equals(modelOf('plain')));
  });

  it('says that a finished run is finished, and changes nothing', async () => {
    const before = modelOf('plain');
    const { code, stdout } = await stfpm([...train, '--epochs', '2', '--out', path('plain')]);
    assert.equal(code, 0);
    assert.match(stdout, /finished already \(2 epochs, /);
    assert.ok(modelOf('plain').equals(before));
  });

  it('sets the threshold for the rate of false alarms that is asked for, and remembers it', async () => {
    const held = ['--protocol', 'B', '--validation-share', '0.5'];
    const [usual, asked] = [path('usual'), path('asked')];
    assert.equal((await stfpm([...train, ...held, '--epochs', '1', '--out', usual])).code, 0);
    const { code, stderr } = await stfpm([
      ...[...train, ...held, '--epochs', '1', '--false-alarms', '3/4', '--out', asked],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Threshold: .* 1 of 2 held-out good images score above it/m);
    const quantileOf = (run: string) => {
      const { metadata } = readSafetensors(path(run, 'model.safetensors'));
      return (JSON.parse(metadata.threshold) as { quantile: number }).quantile;
    };
    assert.equal(quantileOf('usual'), 0.99);
    assert.equal(quantileOf('asked'), 0.25);
    assert.equal((await stfpm(['train', '--out', asked, '--epochs', '2'])).code, 0);
    assert.equal(quantileOf('asked'), 0.25);
    const again = await stfpm(['train', '--out', asked, '--epochs', '2', '--false-alarms', '1/9']);
    assert.match(again.stderr, /the run keeps its threshold; `stfpm threshold .* sets another/);
    assert.equal(quantileOf('asked'), 0.25);
  });

  it('takes what is not given from the run that --out names, and trains on for more epochs', async () => {
    const { code, stderr } = await stfpm(['train', '--out', path('plain'), '--epochs', '3']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Going on after epoch 2\.$/m);
    assert.equal(epochsOf('plain').length, 3);
    await assertSameAsUninterrupted('plain', 3);
  });

  it('refuses to go on with other settings, naming them', async () => {
    const args = ['train', '--out', path('plain'), '--seed', '1', '--epochs', '9'];
    const { code, stderr } = await stfpm(args);
    assert.equal(code, 1);
    assert.match(stderr, /error: .*plain: holds a run with other settings/);
    assert.match(stderr, /seed: the run has 0, you asked for 1/);
  });

  it('trains in bfloat16 where that is asked for, and goes on in it to the same bits', async () => {
    const own = ['--precision', 'bf16', '--feature-precision', 'bf16'];
    const low = [...train, ...own];
    const { code, stderr } = await stfpm([...low, '--epochs', '1', '--out', path('low')]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Run: .*, seed 0, bfloat16\)$/m);
    assert.notDeepEqual(lossesOf('low'), lossesOf('plain').slice(0, 1));
    for (const more of [
      ['--epochs', '2'],
      ['--epochs', '3', '--precision', 'auto'],
    ]) {
      assert.equal((await stfpm(['train', '--out', path('low'), ...more])).code, 0);
    }
    await assertSameAsUninterrupted('low', 3, own);
    const other = await stfpm(['train', '--out', path('low'), '--precision', 'float32']);
    assert.match(other.stderr, /precision: the run has bfloat16, you asked for float32/);
  });

  it('refuses fewer epochs than the run has', async () => {
    const { code, stderr } = await stfpm(['train', '--out', path('plain'), '--epochs', '1']);
    assert.equal(code, 2);
    assert.match(stderr, /the run has 3 epochs already, you asked for 1/);
  });

  it('tells the mean map of the held-out images with protocol B', async () => {
    const args = [...train, '--protocol', 'B', '--epochs', '1', '--out', path('b')];
    const { code, stderr } = await stfpm(args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^epoch 1 of 1: loss .*, held-out map \d\.\d+e-\d+ /m);
  });

  it('learns from the embedded teacher where no weights are named, and goes on with it later', async () => {
    const own = [
      'train',
      '--data',
      data,
      '--image-size',
      '32',
      '--batch-size',
      '2',
      '--epochs',
      '1',
    ];
    const { code, stderr } = await stfpm([...own, '--out', path('embedded')]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Teacher: embedded ResNet-18, distilled from .* weaker/m);
    const { teacher } = JSON.parse(fs.readFileSync(path('embedded', 'config.json'), 'utf8')) as {
      teacher: Record<string, unknown>;
    };
    assert.equal(teacher.kind, 'embedded');
    assert.match(String(teacher.sha256), /^[0-9a-f]{64}$/);
    assert.equal(teacher.file, undefined, 'a path of this machine');
    // Weights that the environment has by now do not replace the run's teacher.
    const later = await stfpm(['train', '--out', path('embedded'), '--epochs', '2'], {
      RESNET18_WEIGHTS: path('gone.pth'),
    });
    assert.equal(later.code, 0, later.stderr);
    const evaluated = await stfpm(['evaluate', path('embedded'), '--json']);
    assert.equal(evaluated.code, 0, evaluated.stderr);
    const report = JSON.parse(evaluated.stdout) as { teacher: unknown };
    assert.deepEqual(report.teacher, teacher);
  });

  it('stops at SIGINT with everything saved, and goes on exactly', async () => {
    const out = ['--out', path('stopped')];
    const { child, says, ended } = startStfpm([...train, '--epochs', '1000', ...out]);
    await says('epoch 1 of 1000');
    // Under npm, one Ctrl-C arrives twice.
    child.kill('SIGINT');
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^Stopped in epoch \d+ of 1000, after step \d of 2; all of it is saved\.$/m,
    );
    assert.match(stderr, /^The same command goes on from there, .*stfpm train --out .*stopped$/m);
    assert.ok(!fs.existsSync(path('stopped', 'lock')));

    const epochs = epochsOf('stopped').length + 1;
    const resumed = await stfpm([...train, '--epochs', `${epochs}`, ...out]);
    assert.equal(resumed.code, 0, resumed.stderr);
    await assertSameAsUninterrupted('stopped', epochs);
  });

  it('stops at SIGTERM with another exit code', async () => {
    const args = [...train, '--epochs', '1000', '--out', path('terminated')];
    const { child, says, ended } = startStfpm(args);
    await says('epoch 1 of 1000');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    assert.equal(code, 143, stderr);
    assert.match(stderr, /all of it is saved/);
  });

  it('loses no complete epoch when it saves each and is killed, and goes on exactly', async () => {
    const out = ['--save-seconds', '0', '--out', path('killed')];
    const { child, says, ended } = startStfpm([...train, '--epochs', '1000', ...out]);
    await says('epoch 2 of 1000');
    child.kill('SIGKILL');
    assert.equal((await ended).code, 'SIGKILL');
    const killedAfter = epochsOf('killed').length;
    assert.ok(killedAfter >= 2);

    const epochs = killedAfter + 1;
    const resumed = await stfpm([...train, '--epochs', `${epochs}`, ...out]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, new RegExp(`^Going on after epoch ${killedAfter}\\.$`, 'm'));
    await assertSameAsUninterrupted('killed', epochs);
  });

  it('gives divergence an exit code of its own', async () => {
    const args = [...train, '--learning-rate', '1e30', '--epochs', '3', '--out', path('diverged')];
    const { code, stderr } = await stfpm(args);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /error: Training diverged in epoch \d: expected /);
  });

  it('never replaces images or weights that are named but not there', async () => {
    const noData = await stfpm(['train', '--data', path('nowhere'), '--out', path('x')]);
    assert.equal(noData.code, 1);
    assert.match(noData.stderr, /nowhere: expected an MVTec AD folder.*, found no such folder/);
    const noWeights = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--out', path('x')],
      ...['--weights', path('none.pth')],
    ]);
    assert.equal(noWeights.code, 1);
    assert.match(noWeights.stderr, /none\.pth: expected .*, found no such file/);
    assert.ok(!fs.existsSync(path('x')));
  });

  it('refuses an odd data set when told to be strict, and only warns otherwise', async () => {
    const odd = await writeTinyDataset(path('odd'));
    fs.rmSync(path('odd', 'dots', 'ground_truth', 'spot', '0_mask.png'));
    const args = ['train', '--data', odd, ...TINY, '--epochs', '1', '--out', path('odd-run')];
    const strict = await stfpm([...args, '--strict']);
    assert.equal(strict.code, 1);
    assert.match(strict.stderr, /error: .*spot\/0\.png/);
    const lax = await stfpm(args);
    assert.equal(lax.code, 0, lax.stderr);
    assert.match(lax.stderr, /^warning: .*1 defect image without a mask.*: spot\/0\.png$/m);
  });
});
