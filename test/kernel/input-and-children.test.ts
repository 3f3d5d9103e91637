import assert from 'node:assert/strict';
import { type CellRun, DrivenKernel, only, stdoutOf } from './driven-kernel';

function textOf(run: CellRun): unknown {
  assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
  return (only(run, 'execute_result').data as Record<string, unknown>)['text/plain'];
}

function stderrOf(run: CellRun): string {
  const texts = run.outputs.filter(({ content }) => content.name === 'stderr');
  return texts.map(({ content }) => content.text).join('');
}

describe('what a cell asks its reader', () => {
  let kernel: DrivenKernel;
  before(() => {
    kernel = new DrivenKernel();
  });
  after(() => kernel.close());

  it('by prompt and confirm is asked in the notebook, after what was printed before', async () => {
    const run = await kernel.runAsking(
      "console.log('before');\n[prompt('Name?'), prompt('Size?', '64'), confirm('Sure?'), confirm('Really?')]",
      ['Ann 😀', '', 'y', 'no'],
    );
    assert.deepEqual(run.prompts, ['Name? ', 'Size? [64] ', 'Sure? [y/n] ', 'Really? [y/n] ']);
    assert.equal(stdoutOf(run), 'before\n');
    assert.equal(textOf(run), "[ 'Ann 😀', '64', true, false ]");
  });

  it('by readline is a line for each question, and none after its end', async () => {
    const run = await kernel.runAsking(
      `import readline from 'node:readline/promises';
const rl = readline.createInterface({ input: process.stdin, output: process.stdout });
const one = await rl.question('First? ');
const two = await rl.question('Second? ');
rl.close();
await new Promise((done) => setTimeout(done, 200));
[one, two]`,
      ['a', 'b'],
    );
    assert.equal(run.prompts.length, 2);
    assert.equal(stdoutOf(run), 'First? Second? ');
    assert.equal(textOf(run), "[ 'a', 'b' ]");
  });

  it('is refused where nobody can answer', async () => {
    const run = await kernel.runAsking("prompt('Name?')", null);
    assert.match(String(only(run, 'error').evalue), /takes none/);
  });

  it('ends with an interruption', async () => {
    const run = await kernel.run(
      "console.log('asking');\nprompt('Name?');\nconsole.log('after');",
      'stream',
    );
    assert.equal(only(run, 'error').ename, 'Interrupted');
    assert.equal(stdoutOf(run), 'asking\n');
    assert.equal(textOf(await kernel.run('1 + 1')), '2');
  });

  describe('and its child processes', () => {
    before(() => kernel.run("import { execSync, spawn, spawnSync } from 'node:child_process';"));

    it('write into it what they write to inherited output', async () => {
      const run =
        await kernel.run(`const child = spawn('sh', ['-c', 'echo one; echo two >&2; exit 3'], { stdio: 'inherit' });
await new Promise((done) => child.on('close', done));
[child.exitCode, child.stdout]`);
      assert.deepEqual([stdoutOf(run), stderrOf(run)], ['one\n', 'two\n']);
      assert.equal(textOf(run), '[ 3, null ]');
    });

    it('do so while the cell waits for them with its whole thread', async () => {
      const run = await kernel.run(`execSync('echo one; echo two >&2', { stdio: 'inherit' });
spawnSync('echo', ['three'], { stdio: ['ignore', 'inherit', 'inherit'] });
String(execSync('echo four'))`);
      assert.deepEqual([stdoutOf(run), stderrOf(run)], ['one\nthree\n', 'two\n']);
      assert.equal(textOf(run), "'four\\n'");
    });

    it('are seen before they end, and end with an interruption', async () => {
      const code = `console.log('at it');
execSync('echo begun; sleep 300; echo never', { stdio: 'inherit' });
console.log('after');`;
      const run = await kernel.run(code, 'stream');
      assert.equal(only(run, 'error').ename, 'Interrupted', JSON.stringify(run.outputs));
      assert.doesNotMatch(stdoutOf(run), /after|never/);
    });

    it('that fail are errors of the cell as ever', async () => {
      const run = await kernel.run("execSync('exit 4', { stdio: 'inherit' })");
      assert.match(String(only(run, 'error').evalue), /Command failed: exit 4/);
    });
  });
});
