import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './temporary-folder.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('running notebooks without a browser', () => {
  const folder = temporaryFolder();

  /**
   * Writes a notebook of a heading and one code cell, and runs it.
   * @param {string} code
   * @param {...string} options
   */
  const run = (code, ...options) => runWith(code, [], ...options);

  /**
   * The same with outputs that the code cell already has.
   * @param {string} code
   * @param {object[]} outputs
   * @param {...string} options
   */
  function runWith(code, outputs, ...options) {
    return runTagged(code, [], outputs, ...options);
  }

  /**
   * The same with tags of the code cell.
   * @param {string} code
   * @param {string[]} tags
   * @param {object[]} outputs
   * @param {...string} options
   */
  function runTagged(code, tags, outputs, ...options) {
    const file = path.join(folder(), 'trial.ipynb');
    const notebook = {
      cells: [
        { cell_type: 'markdown', id: 'a', metadata: {}, source: '# A trial' },
        {
          cell_type: 'code',
          id: 'b',
          metadata: { tags },
          source: code,
          outputs,
          execution_count: null,
        },
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    };
    fs.writeFileSync(file, JSON.stringify(notebook));
    const output = path.join(folder(), 'reports');
    const { status, stdout, stderr } = spawnSync(
      path.join(root, '.venv', 'bin', 'python'),
      ['-I', 'environment/run-notebooks.py', file, '--output', output, ...options],
      { cwd: root, encoding: 'utf8' },
    );
    const read = (/** @type {string} */ name) => fs.readFileSync(path.join(folder(), name), 'utf8');
    return { status, stdout, stderr, read };
  }

  const figure = `(globalThis as any)[Symbol.for('stfpm.display')]({ data: { 'image/png': '${png}' } }, false);`;

  it('shows how far it is and leaves the report, the figures and the executed notebook', () => {
    const { status, stdout, stderr, read } = run(`console.log('epoch 1'); ${figure} 6 * 7`);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\n {2}A trial\n {4}epoch 1\n {2}done in [\d.]+ s\n/);
    assert.match(stdout, /\n {4}figures .*reports\/trial\/ \(1 PNG\)\n/);
    assert.match(read('reports/trial.html'), /<h1 id="A-trial">/);
    assert.equal(
      fs.readFileSync(path.join(folder(), 'reports/trial/figure-01.png'), 'base64'),
      png,
    );
    const [, cell] = JSON.parse(read('reports/trial.ipynb')).cells;
    assert.deepEqual(cell.outputs.at(-1).data, { 'text/plain': ['42'] });
    assert.deepEqual(JSON.parse(read('trial.ipynb')).cells[1].outputs, []);
  });

  it('writes the outputs into the notebook itself where asked to', () => {
    const { status, read } = run('6 * 7', '--in-place');
    assert.equal(status, 0);
    const [, cell] = JSON.parse(read('trial.ipynb')).cells;
    assert.equal(cell.execution_count, 1);
    assert.deepEqual(cell.outputs[0].data, { 'text/plain': ['42'] });
  });

  it('verifies the text outputs that a notebook has, and lists those that differ', () => {
    const printed = { output_type: 'stream', name: 'stdout', text: 'epoch 1\nepoch 2\n' };
    const result = (/** @type {string} */ text) => ({
      output_type: 'execute_result',
      execution_count: 5,
      metadata: {},
      data: { 'text/plain': text },
    });
    const code = `console.log('epoch 1'); console.log('epoch 2'); 6 * 7`;
    const same = runWith(code, [printed, result('42')], '--verify');
    assert.equal(same.status, 0, same.stderr);
    assert.match(same.stdout, /verified/);
    const other = runWith(code, [printed, result('43')], '--verify');
    assert.equal(other.status, 1);
    assert.equal(
      other.stderr,
      '  cell 1 gave other text than the notebook has:\n    -43\n    +42\n',
    );
    const [, cell] = JSON.parse(other.read('trial.ipynb')).cells;
    assert.deepEqual(cell.outputs.at(-1).data, { 'text/plain': '43' });
  });

  it('does not compare what says how long something took', () => {
    const printed = { output_type: 'stream', name: 'stdout', text: '3 s\n' };
    const code = `console.log('4 s')`;
    assert.equal(runTagged(code, [], [printed], '--verify').status, 1);
    assert.equal(runTagged(code, ['timed'], [printed], '--verify').status, 0);
  });

  it('tells what a kernel wrote that ended by itself', () => {
    const { status, stderr } = run(
      `require('fs').writeSync(2, 'out of memory\\n'); process.exit(9);`,
    );
    assert.equal(status, 1);
    assert.match(stderr, /The last lines of .*trial\.log:\nout of memory\n/);
  });

  it('stops at a cell that fails, shows why, and leaves the notebook itself as it was', () => {
    const { status, stderr, read } = run(
      `const level = 16;\nthrow new Error('no level ' + level);`,
      '--in-place',
    );
    assert.equal(status, 1);
    assert.match(stderr, /Error: no level 16\n {4}at cell 1, line 2\n/);
    assert.match(stderr, /Stopped at this cell of .*trial\.ipynb\./);
    assert.deepEqual(JSON.parse(read('trial.ipynb')).cells[1].outputs, []);
    const [, executed] = JSON.parse(read('reports/trial.ipynb')).cells;
    assert.equal(executed.outputs[0].output_type, 'error');
  });
});
