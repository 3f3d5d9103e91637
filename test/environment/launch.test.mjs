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
   * Writes a TypeScript program and starts it.
   * @param {string} source
   * @param {string[]} args
   * @param {Record<string, string>} [wanted] the runtime environment that it is to have
   */
  function start(source, args, wanted = {}) {
    const program = path.join(folder(), 'program.ts');
    fs.writeFileSync(program, source);
    const script = `
      Object.assign(require('./environment/runtime-environment.cjs').runtimeEnvironment, ${JSON.stringify(wanted)});
      require('./environment/launch.cjs').launch(${JSON.stringify(program)}, ${JSON.stringify(args)});`;
    const child = spawn(process.execPath, ['-e', script], { cwd: root });
    const result = { child, stdout: '', stderr: '' };
    child.stdout.on('data', (text) => (result.stdout += text));
    child.stderr.on('data', (text) => (result.stderr += text));
    return result;
  }

  it("calls the program's main with the arguments and exits with its number", async () => {
    const source = `export async function main(args: string[]): Promise<number> {
      console.log(JSON.stringify(args));
      return 3;
    }`;
    const run = start(source, ['train', '--epochs=2']);
    const [code] = await once(run.child, 'close');
    assert.equal(run.stdout, '["train","--epochs=2"]\n');
    assert.equal(code, 3);
  });

  it('runs a program that has no main, with its arguments in process.argv', async () => {
    const run = start('console.log(process.argv.slice(1).join());', ['a', 'b']);
    const [code] = await once(run.child, 'close');
    assert.equal(run.stdout, `${path.join(folder(), 'program.ts')},a,b\n`);
    assert.equal(code, 0);
  });

  it('exits with 1 where main fails', async () => {
    const run = start(`export async function main() { throw new Error('on purpose'); }`, []);
    const [code] = await once(run.child, 'close');
    assert.equal(code, 1);
    assert.match(run.stderr, /Error: on purpose\n {4}at \S*main /);
  });

  it('starts again for variables that have to stand in the environment from the start', async () => {
    const source = `export async function main() {
      console.log(process.env.STFPM_TEST_VARIABLE, process.ppid);
      return 4;
    }`;
    const run = start(source, [], { STFPM_TEST_VARIABLE: 'set' });
    const [code] = await once(run.child, 'close');
    assert.equal(run.stdout, `set ${run.child.pid}\n`);
    assert.equal(code, 4);
  });

  it('passes a request to end on to the program, and its exit code back', async () => {
    const source = `export async function main() {
      const ended = new Promise<number>((done) => process.once('SIGTERM', () => done(7)));
      console.log('ready');
      const alive = setInterval(() => {}, 1000);
      const code = await ended;
      clearInterval(alive);
      return code;
    }`;
    const run = start(source, [], { STFPM_TEST_VARIABLE: 'set' });
    await once(run.child.stdout, 'data');
    run.child.kill('SIGTERM');
    const [code, signal] = await once(run.child, 'close');
    assert.deepEqual([code, signal], [7, null]);
  });
});
