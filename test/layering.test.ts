import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';

const ROOT = path.resolve(__dirname, '..');

/** What a source file names: other files, by their path, and packages. */
interface Imports {
  files: string[];
  packages: string[];
}

function sourcesBelow(folder: string): string[] {
  return (
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js)$/.test(name))
      .map((name) => path.join(folder, name))
      // The one is a page's script; the other starts the command, and sets the lab up before.
      .filter((file) => !/viz.report.page\.js$|cli.stfpm\.js$/.test(file))
  );
}

/** All that is imported, re-exported or required: files with types, packages without, whose types load nothing. */
function importsOf(file: string): Imports {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const imports: Imports = { files: [], packages: [] };
  const add = (name: string, isType: boolean) => {
    if (name.startsWith('.')) imports.files.push(resolved(path.join(path.dirname(file), name)));
    else if (!isType) imports.packages.push(name);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const isType = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly : node.isTypeOnly;
      const name = node.moduleSpecifier;
      if (name && ts.isStringLiteral(name)) add(name.text, isType ?? false);
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 'require') {
      const [name] = node.arguments;
      if (name && ts.isStringLiteral(name)) add(name.text, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return imports;
}

function resolved(stem: string): string {
  const found = [stem, `${stem}.ts`, `${stem}.js`, path.join(stem, 'index.ts')].find((file) =>
    fs.statSync(path.join(ROOT, file), { throwIfNoEntry: false })?.isFile(),
  );
  assert.ok(found, `${stem} is imported and not there`);
  return found;
}

const sources = new Map(sourcesBelow('src').map((file) => [file, importsOf(file)]));

/** The first circle that a walk along the arrows meets; null if there is none. */
function findCircle(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const walk = (node: string, trail: readonly string[]): string[] | null => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of arrows.get(node) ?? []) {
      const circle = walk(next, [...trail, node]);
      if (circle) return circle;
    }
    done.add(node);
    return null;
  };
  for (const node of arrows.keys()) {
    const circle = walk(node, []);
    if (circle) return circle;
  }
  return null;
}

describe('the layers of src', () => {
  it('go one way: the library imports neither figures nor the command line, figures not the command line', () => {
    const order = ['lib', 'viz', 'cli'];
    for (const [file, { files }] of sources) {
      const layer = order.indexOf(file.split(path.sep)[1]);
      for (const other of files) {
        const [top, part] = other.split(path.sep);
        if (top !== 'src') assert.fail(`${file} imports ${other}`);
        assert.ok(order.indexOf(part) <= layer, `${file} imports ${other}`);
      }
    }
  });

  it('have no circle of files', () => {
    const arrows = new Map([...sources].map(([file, { files }]) => [file, new Set(files)]));
    assert.equal(findCircle(arrows), null);
  });

  it('have no circle of folders in the library and in the figures, those within others not counted', () => {
    for (const layer of ['lib', 'viz']) {
      const arrows = new Map<string, Set<string>>();
      const folderOf = (file: string) =>
        file.split(path.sep).slice(0, -1).slice(0, 3).join(path.sep);
      for (const [file, { files }] of sources) {
        const folder = folderOf(file);
        if (!folder.startsWith(path.join('src', layer) + path.sep)) continue;
        const others = arrows.get(folder) ?? new Set();
        for (const other of files) {
          const isInside = folderOf(other).startsWith(path.join('src', layer) + path.sep);
          if (isInside && folderOf(other) !== folder) others.add(folderOf(other));
        }
        arrows.set(folder, others);
      }
      assert.equal(findCircle(arrows), null);
    }
  });

  it('name each heavy package in one place', () => {
    const places: Record<string, RegExp> = {
      '@tensorflow/tfjs-node-gpu': /^src\/lib\/engine\//,
      sharp: /^src\/lib\/data\/sharp\.ts$/,
      'onnxruntime-node': /^src\/lib\/onnx\/runtime\.ts$/,
      esbuild: /^src\/viz\/page\/bundle-page\.ts$/,
    };
    for (const [file, { packages }] of sources) {
      for (const [name, place] of Object.entries(places)) {
        // The command that looks at the machine asks for versions.
        if (packages.includes(name) && !file.startsWith(path.join('src', 'cli', 'doctor'))) {
          assert.match(file, place, `${file} imports ${name}`);
        }
      }
    }
  });

  it('run raw ops in the engine alone', () => {
    for (const [file, { files }] of sources) {
      if (file.startsWith(path.join('src', 'lib', 'engine'))) continue;
      const inner = files.filter((other) => other.startsWith(path.join('src', 'lib', 'engine')));
      for (const other of inner)
        assert.equal(path.basename(other), 'index.ts', `${file}: ${other}`);
      const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
      assert.doesNotMatch(text, /\brawOps?\b|executeSingleOutput|executeMultipleOutputs/, file);
    }
    const engine = fs.readFileSync(path.join(ROOT, 'src', 'lib', 'engine', 'index.ts'), 'utf8');
    assert.doesNotMatch(engine, /rawOp/);
  });
});

describe('importing', () => {
  /** What a process has loaded, and what it found changed, after it has imported a file of the build. */
  function afterImport(file: string): { packages: string[]; changed: string[] } {
    const script = `
      const util = require('util');
      const before = { env: { ...process.env }, util: Object.keys(util), globals: Reflect.ownKeys(globalThis),
        listeners: process.eventNames() };
      require(process.argv[1]);
      const same = (name, now) => (util.isDeepStrictEqual(before[name], now) ? [] : [name]);
      const packages = Object.keys(require.cache).flatMap((name) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(name)?.[1] ?? []);
      const changed = [...same('env', { ...process.env }), ...same('util', Object.keys(util)),
        ...same('globals', Reflect.ownKeys(globalThis)), ...same('listeners', process.eventNames())];
      console.log(JSON.stringify({ packages: [...new Set(packages)], changed }));`;
    const output = execFileSync(
      process.execPath,
      ['--eval', script, path.join(ROOT, 'dist', file)],
      {
        encoding: 'utf8',
        cwd: ROOT,
      },
    );
    return JSON.parse(output) as { packages: string[]; changed: string[] };
  }

  const HEAVY = /tensorflow|sharp|onnxruntime|esbuild|^vega|plotly|^eta$|protobufjs|tslab|tsx/;

  for (const file of [
    'lib/metrics/index.js',
    'lib/data/image.js',
    'lib/index.js',
    'viz/index.js',
  ]) {
    it(`${file} loads no heavy package and changes nothing of its host`, () => {
      const { packages, changed } = afterImport(file);
      assert.deepEqual(
        packages.filter((name) => HEAVY.test(name)),
        [],
      );
      assert.deepEqual(changed, []);
    });
  }

  it('the metrics loads no package at all', () => {
    assert.deepEqual(afterImport('lib/metrics/index.js').packages, []);
  });

  it('the command line loads neither TensorFlow nor sharp, vega nor ONNX Runtime', () => {
    const { packages } = afterImport('cli/main.js');
    assert.deepEqual(
      packages.filter((name) => HEAVY.test(name)),
      [],
    );
  });
});
