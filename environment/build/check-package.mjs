// npm run pack:check: does the package do in another project what its page says? Trains a small detector, packs the
// package, installs it in an empty folder where neither compiler nor Python can be found, and has three programs find a
// defect there: an ES module, a CommonJS one, and TypeScript under both ways of resolving modules. Asks the registry for
// ONNX Runtime and sharp. Prints how long it took and how much it takes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeModules, root } from '../setup/paths.mjs';

const compiler = path.join(nodeModules, 'typescript', 'bin', 'tsc');
const npm = process.env.npm_execpath;
if (npm === undefined) throw new Error('Run it by npm: npm run pack:check');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stfpm-consumer-'));
const at = (/** @type {string[]} */ ...names) => path.join(folder, ...names);
try {
  makeDetector();
  const megabytes = install();
  judge();
  console.log(`The package does what its page says, in ${megabytes} MB.`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** `detector.onnx`, and an image with a defect and one without. */
function makeDetector() {
  const stfpm = (/** @type {string[]} */ ...args) =>
    execFileSync(process.execPath, [path.join(root, 'src/cli/stfpm.js'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  const size = ['--category', 'bottle', '--image-size', '128'];
  stfpm(
    'synth',
    'data',
    '-c',
    'bottle',
    '--size',
    '128',
    '--train',
    '40',
    '--good',
    '8',
    '--per-defect',
    '4',
  );
  stfpm('train', '--data', 'data', ...size, '--epochs', '12', '--out', 'run');
  stfpm('export', 'run', '--out', 'detector.onnx');
  const test = at('data', 'bottle', 'test');
  const [defect = ''] = fs.readdirSync(test).filter((name) => name !== 'good');
  fs.cpSync(path.join(test, defect, '000.png'), at('defect.png'));
  fs.cpSync(path.join(test, 'good', '000.png'), at('good.png'));
}

/** @returns {number} what is installed, in megabytes */
function install() {
  fs.writeFileSync(at('package.json'), '{ "private": true }\n');
  execFileSync(process.execPath, [npm ?? '', 'run', '--silent', 'pack', '--', folder], {
    cwd: root,
    stdio: 'inherit',
  });
  const tarball = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const started = performance.now();
  inside([npm ?? '', 'install', '--ignore-scripts', `./${tarball}`, 'onnxruntime-node', 'sharp']);
  const seconds = (performance.now() - started) / 1000;
  const megabytes = Math.round(diskOf(at('node_modules')) / 1e6);
  const own = diskOf(at('node_modules', 'stfpm-lab')) / 1e6;
  console.log(
    `Installed in ${seconds.toFixed(0)} s: ${megabytes} MB, ${own.toFixed(1)} of them its own.`,
  );
  return megabytes;
}

function judge() {
  const body = `const detector = await openDetector('detector.onnx');
const bad = await detector.detect('defect.png');
const good = await detector.detect('good.png');
console.log(bad.score > good.score, bad.isDefective, good.isDefective, bad.regions!.length > 0);
await detector.dispose();`;
  const asScript = body.replace('!', '');
  const asEsm = `import { openDetector } from 'stfpm-lab';\n${body}\nexport {};\n`;
  fs.writeFileSync(at('a.mjs'), asEsm.replace('!', ''));
  fs.writeFileSync(
    at('a.cjs'),
    `const { openDetector } = require('stfpm-lab');\n(async () => {\n${asScript}\n})();\n`,
  );
  fs.writeFileSync(at('b.mts'), asEsm);
  const types = ['--types', 'node', '--typeRoots', path.join(nodeModules, '@types')];
  const common = ['--strict', '--skipLibCheck', '--target', 'es2022', '--lib', 'es2022', ...types];
  const options = [
    ['--module', 'node16', '--moduleResolution', 'node16'],
    ['--module', 'es2022', '--moduleResolution', 'bundler'],
  ];
  const programs = [['a.mjs'], ['a.cjs']];
  for (const [i, each] of options.entries()) {
    inside([compiler, ...common, ...each, '--outDir', `out${i}`, 'b.mts']);
    programs.push([`out${i}/b.mjs`]);
  }
  for (const program of programs) {
    assert.equal(inside(program).trim(), 'true true false true', program.join());
    console.log(`${program.join()}: the defect is found, the good image passes`);
  }
}

/**
 * Runs Node where nothing else can be found.
 *
 * @param {string[]} args
 */
function inside(args) {
  const bin = at('bin');
  if (!fs.existsSync(bin)) {
    fs.mkdirSync(bin);
    fs.symlinkSync(process.execPath, path.join(bin, 'node'));
  }
  return execFileSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: bin, HOME: process.env.HOME, npm_config_update_notifier: 'false' },
  });
}

/** @param {string} of in bytes, as blocks of 4 KiB */
function diskOf(of) {
  return fs
    .readdirSync(of, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size)
    .reduce((sum, size) => sum + Math.ceil(size / 4096) * 4096, 0);
}
