import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeDevice, engineVersions, nativeBackend, tf } from '../../src/lib/engine/index';

const ROOT = join(__dirname, '..', '..');

/** What another process prints that loads the engine with these settings. */
function settingsWith(env: Record<string, string | undefined>): unknown {
  const script = `
    const { describeDevice } = require('./src/lib/engine/index');
    console.log(JSON.stringify([describeDevice(), process.env.TF_FORCE_GPU_ALLOW_GROWTH]));`;
  const output = execFileSync(
    process.execPath,
    ['--require', './test/register.cjs', '--eval', script],
    {
      cwd: ROOT,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return JSON.parse(output);
}

describe('the engine', () => {
  it('computes with the native backend', () => {
    assert.equal(tf.getBackend(), 'tensorflow');
    assert.equal(typeof nativeBackend().getNumOfTFTensors(), 'number');
  });

  it('starts without a word, unless it is asked to tell all', () => {
    const script = `
      const { tf } = require('./src/lib/engine/index');
      console.error(tf.square(tf.scalar(3)).dataSync()[0]);`;
    const errorOutput = (level?: string) =>
      spawnSync(process.execPath, ['--require', './test/register.cjs', '--eval', script], {
        cwd: ROOT,
        env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: level },
        encoding: 'utf8',
      }).stderr;
    assert.equal(errorOutput(), '9\n');
    assert.match(errorOutput('0'), /oneDNN[^]*9\n$/);
  });

  it('says what computes, and in which versions', () => {
    const device = describeDevice();
    assert.ok(['cpu', 'gpu'].includes(device.kind));
    assert.equal(device.intraOpThreads, process.env.TF_NUM_INTRAOP_THREADS);
    const versions = engineVersions();
    assert.equal(versions.node, process.versions.node);
    assert.match(versions.tensorflow, /^\d+\.\d+/);
    assert.match(versions.tfjs, /^4\.\d+/);
  });

  it("sets TensorFlow's defaults before it loads, but leaves what the user has chosen", () => {
    const unset = { TF_NUM_INTEROP_THREADS: undefined, TF_FORCE_GPU_ALLOW_GROWTH: undefined };
    const [device, growth] = settingsWith({
      ...unset,
      TF_NUM_INTRAOP_THREADS: '1',
      TF_ENABLE_ONEDNN_OPTS: '0',
    }) as [Record<string, unknown>, string];
    assert.equal(device.intraOpThreads, '1');
    assert.equal(device.interOpThreads, '1');
    assert.equal(device.oneDnn, false);
    assert.equal(growth, 'true');
  });
});
