import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { entries } from '../../environment/build/package-entries.mjs';
import { makePackage, optionalPeers } from '../../environment/build/package.mjs';
import { root } from '../../environment/setup/paths.mjs';

describe('the npm package', () => {
  /** Where it is installed, beside nothing else. */
  let installed = '';
  let consumer = '';
  /** @type {any} */
  let manifest;

  before(async function () {
    // The build comes first where sources were edited.
    this.timeout(600_000);
    consumer = fs.mkdtempSync(path.join(os.tmpdir(), 'stfpm-package-'));
    installed = path.join(consumer, 'node_modules', 'stfpm-lab');
    await makePackage(installed);
    manifest = JSON.parse(fs.readFileSync(path.join(installed, 'package.json'), 'utf8'));
  });

  after(() => fs.rmSync(consumer, { recursive: true, force: true }));

  const run = (/** @type {string} */ name, /** @type {string} */ text) => {
    fs.writeFileSync(path.join(consumer, name), text);
    return execFileSync(process.execPath, [name], { cwd: consumer, encoding: 'utf8' }).trim();
  };

  const filesBelow = (/** @type {string} */ below) =>
    fs
      .readdirSync(path.join(installed, below), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(installed, below, name))
      .filter((file) => fs.statSync(file).isFile());

  it('has every file that it names', () => {
    const named = JSON.stringify([manifest.exports, manifest.main, manifest.types, manifest.bin]);
    const files = named.match(/\.\/[\w./-]+/g) ?? [];
    assert.ok(files.length > 20);
    for (const file of files.filter((each) => /\.\w+$/.test(each))) {
      assert.ok(fs.existsSync(path.join(installed, file)), file);
    }
  });

  it('takes less than 15 MB, and needs no other package to be installed', () => {
    const bytes = filesBelow('.').reduce((sum, file) => {
      return sum + Math.ceil(fs.statSync(file).size / 4096) * 4096;
    }, 0);
    assert.ok(bytes < 15e6, `${bytes} bytes`);
    assert.equal(manifest.dependencies, undefined);
    assert.deepEqual(Object.keys(manifest.peerDependencies), optionalPeers);
    assert.deepEqual(Object.keys(manifest.peerDependenciesMeta), optionalPeers);
  });

  it('is of this checkout alone: no path of the machine, no script that runs on installation', () => {
    assert.equal(manifest.scripts, undefined);
    for (const file of filesBelow('.')) {
      assert.ok(!fs.readFileSync(file).includes(root), `${file} names ${root}`);
    }
  });

  it('requires what it has, or packages that it asks for', () => {
    for (const file of filesBelow('dist').filter((each) => /\.[cm]js$/.test(each))) {
      const text = fs.readFileSync(file, 'utf8');
      const imports =
        /(?:\bfrom\s*|\bimport\s*\(?|\b(?:__)?require(?:\.resolve)?\()\s*"([\w@./:-]+)"/g;
      for (const [, name] of text.matchAll(imports)) {
        if (name.startsWith('.')) {
          assert.ok(fs.existsSync(path.join(path.dirname(file), name)), `${file}: ${name}`);
        } else if (file.includes(`${path.sep}browser${path.sep}`)) {
          assert.equal(name, 'onnxruntime-web/wasm', file);
        } else {
          assert.ok(
            isBuiltin(name) || optionalPeers.some((peer) => `${name}/`.startsWith(`${peer}/`)),
            `${file}: ${name}`,
          );
        }
      }
    }
  });

  const auroc = 'auroc(Float32Array.of(1, 3, 2), Uint8Array.of(0, 1, 1))';

  for (const [from, entry] of [
    ['stfpm-lab', 'the package itself'],
    ['stfpm-lab/metrics', 'the metrics'],
  ]) {
    it(`gives a metric from ${entry}, to both kinds of modules, and loads no native module`, () => {
      const native =
        'process.report.getReport().sharedObjects.filter((each) => each.endsWith(".node"))';
      const print = `console.log(${auroc}, ${native}.length)`;
      assert.equal(run('a.mjs', `import { auroc } from '${from}'; ${print}`), '1 0');
      assert.equal(run('a.cjs', `const { auroc } = require('${from}'); ${print}`), '1 0');
    });
  }

  it('gives the same names to both kinds of modules, by every way in', () => {
    for (const name of Object.keys(entries)) {
      const from = name === 'index' ? 'stfpm-lab' : `stfpm-lab/${name}`;
      const print =
        "console.log(Object.keys(m).filter((each) => each !== 'default').sort().join())";
      const asEsm = run('b.mjs', `import * as m from '${from}'; ${print}`);
      assert.equal(run('b.cjs', `const m = require('${from}'); ${print}`), asEsm);
      // As CommonJS is seen from an ES module.
      const found = run(
        'c.mjs',
        `import * as m from './node_modules/stfpm-lab/dist/cjs/${name}.cjs'; ${print}`,
      );
      assert.deepEqual(
        found.split(',').filter((each) => each !== 'module.exports'),
        asEsm.split(','),
      );
    }
  });

  it('names the package that is missing, and the command that installs it', () => {
    const script = `
      import { MissingPackageError } from 'stfpm-lab';
      import { loadRgb, tf } from 'stfpm-lab/training';
      const told = (error) => console.log(error.message);
      await loadRgb(${JSON.stringify(path.join(root, 'docs', 'baseline-strip.png'))}).catch(told);
      try { tf.scalar(1); } catch (error) { told(error); console.log(error instanceof MissingPackageError); }`;
    assert.deepEqual(run('d.mjs', script).split('\n'), [
      'Reading and writing image files needs the package sharp, found none. Run `npm install --ignore-scripts sharp@0.35`.',
      'The training engine needs the package @tensorflow/tfjs-node-gpu, found none. Run `npx --no -- stfpm setup`.',
      'true',
    ]);
  });

  it('finds its embedded teacher', () => {
    const script = `
      import { readTeacherFile } from 'stfpm-lab/training';
      import { fileURLToPath } from 'node:url';
      const file = fileURLToPath(import.meta.resolve('stfpm-lab/package.json').replace('package.json',
        'assets/lib/weights/embedded/resnet18-embedded.safetensors'));
      console.log(readTeacherFile(file).arrays.size > 50);`;
    assert.equal(run('e.mjs', script), 'true');
  });

  it('has the command', () => {
    const command = path.join(installed, manifest.bin.stfpm);
    const output = execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' });
    assert.equal(output.trim(), manifest.version);
  });
});
