import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './temporary-folder.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

describe('launch', () => {
  const folder = temporaryFolder();

  /**
   * Writes a program and starts it.
   * @param {string} source CommonJS
   * @param {string[]} args
   */
  function start(source, args) {
    const program = path.join(folder(), 'program.js');
    fs.writeFileSync(program, source);
    const script = `
      require('./environment/launch.cjs').launch(${JSON.stringify(args)}, ${JSON.stringify(program)});`;
    const child = spawn(process.execPath, ['-e', script], { cwd: root });
    const result = { child, stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (result.stdout += text));
    child.stderr.on('data', (text) => (result.stderr += text));
    return result;
  }

  it("calls the program's main with the arguments and exits with its number", async () => {
    const run = start(
      `exports.main = async (args) => {
        console.log(JSON.stringify([args, process.argv.slice(2)]));
        return 3;
      };`,
      ['train', '--epochs=2'],
    );
    const [code] = await once(run.child, 'close');
    assert.equal(run.stdout, '[["train","--epochs=2"],["train","--epochs=2"]]\n');
    assert.equal(code, 3);
  });

  it('exits with 1 where main fails', async () => {
    const run = start(
      `exports.main = async function main() { throw new Error('on purpose'); };`,
      [],
    );
    const [code] = await once(run.child, 'close');
    assert.equal(code, 1);
    assert.match(run.stderr, /Error: on purpose\n {4}at \S*main /);
  });

  it('names the lines of the sources in stack traces', async () => {
    const built = path.join(root, 'dist', 'lib', 'metrics', 'auroc.js');
    const run = start(
      `const { auroc } = require(${JSON.stringify(built)});
      exports.main = async () => auroc(new Float64Array(1), new Uint8Array(2));`,
      [],
    );
    await once(run.child, 'close');
    assert.match(run.stderr, /\/src\/lib\/metrics\/[\w-]+\.ts:\d+:\d+/);
  });

  it('loads no compiler where nothing was edited', async () => {
    const run = start(
      `exports.main = async () => {
        const loaded = Object.keys(require.cache).filter((file) => /typescript|tsx|esbuild/.test(file));
        console.log(JSON.stringify(loaded));
        return 0;
      };`,
      [],
    );
    await once(run.child, 'close');
    assert.equal(run.stdout, '[]\n');
  });
});
