import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { baselineConfig } from '../../src/lib/training/config';
import { stfpm } from './run-stfpm';

const COMMANDS = [
  'train',
  'evaluate',
  'figures',
  'report',
  'predict',
  'export',
  'verify',
  'synth',
  'weights',
  'doctor',
];

describe('the command line of stfpm', () => {
  const wrong: [string[], RegExp][] = [
    [['trian'], /unknown command 'trian'\n\(Did you mean train\?\)/],
    [['train', '--epoch', '5'], /unknown option '--epoch'\n\(Did you mean --epochs\?\)/],
    [
      ['train', '--epochs', '0'],
      /'--epochs <n>' argument '0' is invalid\. .*greater than or equal/,
    ],
    [['train', '--epochs', '1.5'], /'1\.5' is invalid\. Expected integer, received float\./],
    [['train', '--epochs', 'ten'], /'ten' is invalid\. Expected a number\./],
    [['train', '--image-size', '100'], /'100' is invalid\. Number must be a multiple of 16\./],
    [['train', '--learning-rate', '0'], /'0' is invalid\. Number must be greater than 0\./],
    [['train', '--learning-rate', ''], /'' is invalid\. Expected a number\./],
    [['train', '--seed', '-1'], /'-1' is invalid\. /],
    [['train', '--protocol', 'C'], /'C' is invalid\. Allowed choices are A, B\./],
    [['train', '--weights', 'x', '--random-teacher'], /'--weights <file>' cannot be used with/],
    [['train', '--weights', 'x', '--embedded-teacher'], /'--weights <file>' cannot be used with/],
    [['train', '--embedded-teacher', '--random-teacher'], /cannot be used with/],
    [['train', '--data', 'x', '--synthetic'], /cannot be used with/],
    [['train', '--feature-memory', '-1'], /'-1' is invalid\. Expected a number of at least 0\./],
    [
      ['train', '--precision', 'fp16'],
      /'fp16' is invalid\. Allowed choices are float32, bf16, auto/,
    ],
    [['train', '--feature-precision', 'auto'], /'auto' is invalid\. .* are float32, bf16\./],
    [['train', '--save-seconds', '-1'], /'-1' is invalid\. Expected a number of at least 0\./],
    [['train', 'runs/x'], /too many arguments/],
    [['evaluate'], /missing required argument 'run'/],
    [['predict', 'runs/x'], /missing required argument 'images'/],
    [['predict', 'runs/x', 'y.png', '--overlays'], /--overlays needs --out/],
    [['figures', '--per-defect', '0'], /'0' is invalid\. Expected a whole number of at least 1\./],
  ];
  for (const [args, message] of wrong) {
    it(`refuses: stfpm ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await stfpm(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.match(stderr, /See `stfpm --help` and `stfpm COMMAND --help`\.\n$/);
      assert.doesNotMatch(stderr, /\n {4}at /, 'a stack is for developers');
    });
  }

  it('prints its help on standard error, and fails, without a command', async () => {
    const { code, stdout, stderr } = await stfpm([]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^Usage: stfpm/);
  });

  for (const command of COMMANDS) {
    it(`helps with ${command}, with examples`, async () => {
      const { code, stdout } = await stfpm([command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: stfpm ${command} `));
      assert.match(stdout, /^Examples?:\n {2}stfpm /m);
    });
  }

  it('names every command and exit code in its help', async () => {
    const { stdout } = await stfpm(['--help']);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    for (const code of [0, 1, 2, 3, 4, 5, 130])
      assert.match(stdout, new RegExp(`^  ${code} `, 'm'));
  });

  it('fits its help into 80 columns', async () => {
    for (const args of [[], ...COMMANDS.map((command) => [command])]) {
      const { stdout } = await stfpm([...args, '--help']);
      const long = stdout.split('\n').filter((line) => line.length > 80);
      assert.deepEqual(long, [], args.join());
    }
  });

  it("tells the training's true defaults", async () => {
    const { stdout } = await stfpm(['train', '--help']);
    const text = stdout.replace(/\s+/g, ' ');
    const { epochs, batchSize, imageSize, learningRate, seed } = baselineConfig({ category: 'x' });
    assert.match(text, new RegExp(`--epochs <n> [^-]*\\(default: ${epochs}\\)`));
    assert.match(text, new RegExp(`--batch-size <n> [^-]*\\(default: ${batchSize}\\)`));
    assert.match(text, new RegExp(`--image-size <size> [^-]*\\(default: ${imageSize}\\)`));
    assert.match(text, new RegExp(`--learning-rate <x> [^-]*\\(default: ${learningRate}\\)`));
    assert.match(text, new RegExp(`--seed <n> [^-]*\\(default: ${seed}\\)`));
  });

  it('prints its version', async () => {
    const { version } = require('../../package.json') as { version: string };
    assert.deepEqual(await stfpm(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows the stack of an error when asked to', async () => {
    const { code, stderr } = await stfpm(['evaluate', 'nowhere', '--verbose']);
    assert.equal(code, 1);
    assert.match(stderr, /\n {4}at /);
    const debug = await stfpm(['evaluate', 'nowhere'], { STFPM_DEBUG: '1' });
    assert.match(debug.stderr, /\n {4}at /);
  });

  it('loads neither engine nor image nor chart libraries to help', () => {
    const main = path.resolve('src/cli/main.ts');
    const script = `require(${JSON.stringify(main)}).main(['train', '--help']).then(() => {
      const heavy = /node_modules.(@tensorflow|sharp|vega)/;
      console.log(Object.keys(require.cache).filter((file) => heavy.test(file)).length, 'heavy');
    })`;
    const args = ['-r', require.resolve('../register.cjs'), '-e', script];
    assert.match(execFileSync(process.execPath, args, { encoding: 'utf8' }), /\n0 heavy\n$/);
  });
});
