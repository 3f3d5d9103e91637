import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { shellQuoted } from '../../src/lib/sweep/engine';
import { readSearchFile } from '../../src/lib/sweep/search-file';
import type { StudyTrial } from '../../src/lib/sweep/optuna';
import { writeTinyDataset } from '../cli/tiny-dataset';
import { stfpm } from '../cli/run-stfpm';
import { temporaryFolder } from '../data/temporary-folder';

const SEARCH = `name: rates
data: images
teacher: random
runs: runs
category: dots
method: stfpm
settings: { imageSize: 64, epochs: 2, batchSize: 4 }
space:
  learningRate: { from: 0.1, to: 0.5 }
  weightAverage: { among: [null, 0.9] }
`;

describe('a search file', () => {
  const folder = temporaryFolder();
  const read = (text: string) => readSearchFile(folder.write('search.yaml', text));

  it('holds images out, whatever the method does otherwise', () => {
    assert.equal(read(SEARCH).settings.protocol, 'B');
  });

  it('is refused with the line of what is wrong', () => {
    const wrong = (find: string | RegExp, by: string, expected: RegExp) =>
      assert.throws(() => read(SEARCH.replace(find, by)), expected);
    wrong('learningRate', 'learnRate', /line 9: space\.learnRate: stfpm has no such setting/);
    wrong('from: 0.1', 'from: 0.6', /line 9: space\.learningRate: expected "from" below "to"/);
    wrong('0.1, to', '0, log: true, to', /line 9: .*expected "from" above 0 with "log"/);
    wrong(
      'to: 0.5',
      'until: 0.5',
      /line 9: .*expected \{ among: \[different values\] \} or \{ from/,
    );
    wrong('0.1, to', '0.45, to', /line 9: .*a range with what the setting is otherwise, 0\.4/);
    wrong('null, 0.9', '0.8, 0.9', /line 10: .*values with what the setting is otherwise, null/);
    wrong('null, 0.9', 'null, 9', /line 10: space\.weightAverage: .*less than 1/);
    wrong('imageSize: 64', 'tileOverlap: 8', /line 7: settings\.tileOverlap: expected none/);
    wrong('imageSize: 64', 'protocol: A', /line 7: settings\.protocol: expected B/);
    wrong('learningRate', 'imageSize', /line 9: .*cannot be searched/);
  });
});

describe('stfpm sweep search', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();
  let file: string;
  const journal = () => folder.path('runs/.search/rates.journal');
  const trials = () =>
    (JSON.parse(fs.readFileSync(journal(), 'utf8')) as { trials: StudyTrial[] }).trials;
  const search = (count: number, ...more: string[]) =>
    stfpm([
      'sweep',
      'search',
      file,
      '--trials',
      `${count}`,
      '--python',
      folder.path('python'),
      ...more,
    ]);

  before(async () => {
    await writeTinyDataset(folder.path('images'), { train: 10 });
    file = folder.write('search.yaml', SEARCH);
    const words = [
      '-r',
      require.resolve('../register.cjs'),
      path.resolve(__dirname, 'optuna-stand-in.ts'),
    ];
    const command = shellQuoted([process.execPath, ...words]);
    fs.chmodSync(folder.write('python', `#!/bin/sh\nexec ${command} "$@"\n`), 0o755);
  });

  it('measures the usual settings first, gives up what is hopeless, and says what it looked at', async () => {
    const { code, stdout, stderr } = await search(2, '--compare', 'lines,rings');
    assert.equal(code, 0, stderr);
    const [first, second] = trials();
    assert.deepEqual(first.params, { learningRate: 0.4, weightAverage: 'null' });
    assert.equal(first.state, 'complete');
    const { imageAuroc, pixelAp, run } = first.notes as Record<string, number>;
    assert.equal(first.value, (imageAuroc + pixelAp) / 2);
    assert.deepEqual([second.state, second.value], ['pruned', null]);
    assert.match(stdout, /given up after 1 epochs/);
    assert.match(stdout, /test images\s+and their labels had no part in it/);
    for (const name of ['search.csv', 'search.svg', 'search.html', 'compare.yaml']) {
      assert.ok(fs.existsSync(folder.path(`runs/${name}`)), name);
    }
    const record = fs.readFileSync(folder.path(`runs/${run}/split.json`), 'utf8');
    assert.ok(record.includes('train/good') && !record.includes('test/'), record);
  });

  it('writes a sweep of what it found against the usual settings', () => {
    const { rows, categories, seeds } = parse(
      fs.readFileSync(folder.path('runs/compare.yaml'), 'utf8'),
    ) as { rows: { name: string; settings: object }[]; categories: string[]; seeds: number[] };
    assert.deepEqual(categories, ['lines', 'rings']);
    assert.equal(seeds.length, 5);
    const [usual, found] = rows;
    assert.deepEqual([usual.name, found.name], ['usual', 'found']);
    // The usual ones were the best of one.
    assert.deepEqual(found.settings, { ...usual.settings, learningRate: 0.4, weightAverage: null });
  });

  it('goes on with what a killed process left, and asks for no other in its place', async () => {
    const before = JSON.parse(fs.readFileSync(journal(), 'utf8')) as { trials: StudyTrial[] };
    const left = { ...before.trials[0], number: 2, state: 'running' as const, value: null };
    fs.writeFileSync(journal(), JSON.stringify({ ...before, trials: [...before.trials, left] }));
    const { code, stderr } = await search(3);
    assert.equal(code, 0, stderr);
    assert.equal(trials().length, 3);
    // Equal settings are one run, which is there already.
    assert.equal(trials()[2].value, trials()[0].value);
    const lists = fs.readdirSync(folder.path('runs/.search'));
    assert.deepEqual(lists, ['rates.journal']);
  });

  it('refuses the study of another search, and names what to install', async () => {
    fs.writeFileSync(file, SEARCH.replace('epochs: 2', 'epochs: 3'));
    const other = await search(4);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /expected the study of this search, found another one's/);
    const { code, stderr } = await stfpm(['sweep', 'search', file, '--python', '/none/python']);
    assert.equal(code, 1);
    assert.match(stderr, /\/none\/python: expected a Python with Optuna.*pip install optuna/);
  });
});
