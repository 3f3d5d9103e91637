import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { writeNotebook } from '../browser/write-notebook';
import { temporaryFolder } from '../data/temporary-folder';

const PYTHON = path.resolve('.venv', 'bin', 'python');

describe('papermill', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const papermill = async (...args: string[]) => {
    const all = ['-I', '-m', 'papermill', folder.path('in.ipynb'), ...args];
    const { stdout } = await promisify(execFile)(PYTHON, all);
    return stdout;
  };

  before(() =>
    writeNotebook(
      folder.path('in.ipynb'),
      [
        `const profile = process.env.PROFILE ?? 'quick'; // how long
const limits: number[] = [];
const part: number | null = 0.5;`,
        `console.log(profile === 'full', profile === 'quick', JSON.stringify([profile, limits, part, more]));`,
      ],
      0,
    ),
  );

  it('puts values of all kinds in the place of those of the cell of parameters', async () => {
    const values = `profile: 'a "full" one\\'\nlimits: [1, -2.5, 1.0e-7]\npart: null\nmore: { a: true, 'b c': [] }`;
    await papermill(folder.path('out.ipynb'), '-y', values, '--no-progress-bar');
    const { cells } = JSON.parse(fs.readFileSync(folder.path('out.ipynb'), 'utf8')) as {
      cells: { source: string[]; outputs: { text?: string[] }[] }[];
    };
    const [, , last] = cells;
    const expected = ['a "full" one\\', [1, -2.5, 1e-7], null, { a: true, 'b c': [] }];
    assert.equal(last.outputs[0].text?.join(''), `false false ${JSON.stringify(expected)}\n`);
    assert.ok(cells[1].source.join('').includes('let limits = [1, -2.5, 1e-07];'));
  });

  it('lists the parameters of a notebook, with their types, values and comments', async () => {
    const help = await papermill('--help-notebook');
    assert.match(
      help,
      /profile: Unknown type \(default process\.env\.PROFILE \?\? 'quick'\)\s+how long/,
    );
    assert.match(help, /limits: number\[\] \(default \[\]\)/);
    assert.match(help, /part: number \| null \(default 0\.5\)/);
  });
});
