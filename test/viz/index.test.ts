import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const VIZ = path.join(ROOT, 'src/viz');
/** Every source file of src/viz, from there. */
const FILES = readdirSync(VIZ, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

describe('src/viz', () => {
  it('loads with no library behind it, and leaves its host as it was', () => {
    const script = `
      const { writeFileSync } = require('node:fs');
      const before = [Reflect.ownKeys(globalThis), Object.keys(process.env)];
      for (const file of ${JSON.stringify(FILES)}) require('./src/viz/' + file);
      const after = [Reflect.ownKeys(globalThis), Object.keys(process.env)];
      const added = after.map((keys, i) => keys.filter((key) => !before[i].includes(key)).map(String));
      const packages = Object.keys(require.cache).flatMap(
        (file) => /.*node_modules.((?:@[^\\\\/]+.)?[^\\\\/]+)/.exec(file)?.[1] ?? [],
      );
      writeFileSync(1, JSON.stringify({ added, packages: [...new Set(packages)] }));
    `;
    const stdout = execFileSync(
      process.execPath,
      ['--require', './test/register.cjs', '--eval', script],
      {
        cwd: ROOT,
        encoding: 'utf8',
      },
    );
    const { added, packages } = JSON.parse(stdout) as { added: string[][]; packages: string[] };
    assert.deepEqual(added.flat(), []);
    const heavy = /sharp|vega|eta|plotly|tensorflow|onnxruntime|d3-/;
    assert.deepEqual(
      packages.filter((name) => heavy.test(name)),
      [],
    );
  });

  it('has folders of which none imports itself by way of others', () => {
    const imported = new Map<string, Set<string>>();
    for (const file of FILES) {
      const folder = path.dirname(file);
      const found = imported.get(folder) ?? new Set();
      imported.set(folder, found);
      const source = readFileSync(path.join(VIZ, file), 'utf8');
      for (const [, target] of source.matchAll(/ from '(\.[^']+)'/g)) {
        const other = path.normalize(path.join(folder, path.dirname(target)));
        if (!other.startsWith('..') && other !== folder) found.add(other);
      }
    }
    const follow = (folder: string, way: readonly string[]): void => {
      assert.ok(!way.includes(folder), `a circle: ${[...way, folder].join(' -> ')}`);
      for (const next of imported.get(folder) ?? []) follow(next, [...way, folder]);
    };
    for (const folder of imported.keys()) follow(folder, []);
  });
});
