import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { kernelTemplate } from '../../environment/build/kernel-template.mjs';
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

  it('has the notebooks without what they have shown, and all that they import', () => {
    const names = fs
      .readdirSync(path.join(root, 'notebooks'))
      .filter((name) => /ipynb$/.test(name));
    /** @type {Set<string>} */
    const imported = new Set();
    for (const name of names) {
      const file = path.join(installed, 'assets', 'notebooks', name);
      /** @type {{ cells: { cell_type: string, source: string[], outputs?: unknown[] }[] }} */
      const { cells } = JSON.parse(fs.readFileSync(file, 'utf8'));
      for (const { source, outputs } of cells.filter((cell) => cell.cell_type === 'code')) {
        assert.deepEqual(outputs, []);
        assert.doesNotMatch(source.join(''), /from '\.\//, name);
        const own = /import (?!type)\{([^}]*)\} from 'stfpm-lab\/notebooks'/g;
        for (const [, list] of source.join('').matchAll(own)) {
          list.split(',').forEach((one) => imported.add(one.trim()));
        }
      }
    }
    imported.delete('');
    assert.ok(imported.size > 10);
    const given = run('f.cjs', "console.log(Object.keys(require('stfpm-lab/notebooks')).join())");
    assert.deepEqual(given.split(',').sort(), [...imported].sort());
  });

  it('has every module of the kernel', () => {
    for (const [name, text] of kernelTemplate()) {
      const folder = path.dirname(path.join(installed, 'kernel', name));
      for (const [, module] of text.matchAll(/(?:\bfrom |\bimport |\() *'(\.\.?\/[^']*)'/g)) {
        if (module.endsWith('../')) continue;
        assert.ok(fs.existsSync(path.join(folder, module)), `${name} imports ${module}`);
      }
    }
  });

  it('registers its kernel with a Jupyter, whose notebooks then import the package', function () {
    this.timeout(240_000);
    const stfpm = (/** @type {string[]} */ ...args) =>
      spawnSync(process.execPath, [path.join(installed, manifest.bin.stfpm), ...args], {
        cwd: consumer,
        encoding: 'utf8',
      });
    const place = ['--prefix', consumer];
    const missing = stfpm('kernel', 'install', ...place);
    assert.match(
      missing.stderr,
      /The notebook kernel needs the package tslab, found none\. Run `npm install --ignore-scripts tslab@\d+\.\d+\.\d+`/,
    );
    const link = (/** @type {string} */ name) =>
      fs.symlinkSync(
        path.join(root, 'node_modules', name),
        path.join(consumer, 'node_modules', name),
      );
    for (const name of ['tslab', '@tslab', '@types']) link(name);
    const other = path.join(consumer, 'node_modules', 'typescript');
    fs.mkdirSync(other);
    fs.writeFileSync(path.join(other, 'package.json'), '{"name":"typescript","version":"5.4.5"}');
    assert.match(
      stfpm('kernel', 'install', ...place).stderr,
      /needs the package typescript, .* version 5\.4\.5, not 5\.9\. Run `npm install --ignore-scripts typescript@5\.9\.\d+`/,
    );
    fs.rmSync(other, { recursive: true });
    link('typescript');
    const folder = path.join(consumer, 'share', 'jupyter', 'kernels', 'stfpm-ts');
    assert.equal(stfpm('kernel', 'install', ...place).stdout, `${folder}\n`);

    const code = `import * as lab from 'stfpm-lab/training';
import { principalComponents } from 'stfpm-lab/notebooks';
const area: number = lab.${auroc};
area + (typeof principalComponents === 'function' ? 10 : 0)`;
    const cell = { cell_type: 'code', source: code, metadata: {}, outputs: [], id: 'a' };
    const notebook = path.join(consumer, 'work', 'a.ipynb');
    fs.mkdirSync(path.dirname(notebook));
    fs.writeFileSync(
      notebook,
      JSON.stringify({
        cells: [{ ...cell, execution_count: null }],
        metadata: { kernelspec: { name: 'stfpm-ts', display_name: '', language: 'typescript' } },
        ...{ nbformat: 4, nbformat_minor: 5 },
      }),
    );
    const python = path.join(root, '.venv', 'bin', 'python');
    const args = ['-I', '-m', 'nbconvert', '--to', 'notebook', '--execute', '--inplace', notebook];
    execFileSync(python, args, {
      // Before all other places that Jupyter looks into.
      env: { ...process.env, JUPYTER_PATH: path.join(consumer, 'share', 'jupyter') },
      stdio: 'pipe',
    });
    const [{ outputs }] = JSON.parse(fs.readFileSync(notebook, 'utf8')).cells;
    assert.deepEqual(outputs[0].data, { 'text/plain': ['11'] });

    assert.equal(stfpm('kernel', 'uninstall', ...place).status, 0);
    assert.ok(!fs.existsSync(folder));
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'kernel.json'), '{"argv":["other"]}');
    for (const action of ['install', 'uninstall']) {
      assert.match(
        stfpm('kernel', action, ...place).stderr,
        /kernel\.json: expected this kernel, found another of the same name/,
      );
    }
  });

  it('copies its notebooks out, and leaves what is there', () => {
    const command = path.join(installed, manifest.bin.stfpm);
    const copy = () =>
      execFileSync(process.execPath, [command, 'notebooks', 'copies'], {
        cwd: consumer,
        encoding: 'utf8',
      });
    assert.match(copy(), /^copies\/01-baseline-stfpm\.ipynb$/m);
    const file = path.join(consumer, 'copies', '01-baseline-stfpm.ipynb');
    fs.writeFileSync(file, 'mine');
    assert.match(copy(), /^copies\/01-baseline-stfpm\.ipynb is there already$/m);
    assert.equal(fs.readFileSync(file, 'utf8'), 'mine');
  });

  it('has the command', () => {
    const command = path.join(installed, manifest.bin.stfpm);
    const output = execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' });
    assert.equal(output.trim(), manifest.version);
  });
});
