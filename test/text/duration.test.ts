import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { duration } from '../../src/lib/text/duration';

const EXPECTED: [seconds: number, text: string][] = [
  [-1, '0 s'],
  [0, '0 s'],
  [0.04, '0 s'],
  [0.36, '0.4 s'],
  [4, '4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [599.4, '9 min 59 s'],
  [599.6, '10 min'],
  [629, '10 min'],
  [3569, '59 min'],
  [3570, '1 h'],
  [5999, '1 h 40 min'],
  [7500, '2 h 5 min'],
  [360_000, '100 h'],
];

describe('duration', () => {
  it('rounds as a person would', () => {
    assert.deepEqual(
      EXPECTED.map(([seconds]) => duration(seconds)),
      EXPECTED.map(([, text]) => text),
    );
  });

  it('is the same in Python, where the notebooks are run', () => {
    const program = [
      'import json, runpy, sys',
      'duration = runpy.run_path("environment/run-notebooks.py")["duration"]',
      'print(json.dumps([duration(seconds) for seconds in json.loads(sys.argv[1])]))',
    ].join('\n');
    const seconds = JSON.stringify(EXPECTED.map(([value]) => value));
    const { stdout, stderr } = spawnSync(
      path.join('.venv', 'bin', 'python'),
      ['-I', '-c', program, seconds],
      { encoding: 'utf8' },
    );
    assert.notEqual(stdout, '', stderr);
    assert.deepEqual(
      JSON.parse(stdout),
      EXPECTED.map(([, text]) => text),
    );
  });
});
