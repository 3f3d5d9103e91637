import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { DebugClient } from './debug-client';

const LOOP = `let total = 0;
const square = (n: number) => {
  let squared = n * n;
  console.log('of', n);
  return squared;
};
for (const i of [1, 2, 3]) {
  total += square(i);
}
console.log('total', total);
total;`;

describe('a debugger of cells', function () {
  this.timeout(120_000);
  let client: DebugClient;

  before(async () => {
    client = new DebugClient();
    await client.attach();
  });
  afterEach(() => client.goOn());
  after(() => client.close());

  const breakAt = (code: string, ...points: DebugProtocol.SourceBreakpoint[]) =>
    client.breakAt(code, ...points);

  it('stops a cell at a breakpoint, tells where, and lets it go on', async () => {
    const path = await breakAt(LOOP, { line: 8 });
    await client.begin(LOOP);
    const stopped = await client.stopped();
    assert.equal(stopped.reason, 'breakpoint');
    assert.deepEqual(await client.stack(), [`cell 1 ${path}:8`]);
    const { stoppedThreads } = await client.ask<{ stoppedThreads: number[] }>('debugInfo');
    assert.deepEqual(stoppedThreads, [1]);
    for (let i = 0; i < 2; i++) {
      await client.ask('continue', { threadId: 1 });
      await client.stopped();
    }
    await client.ask('continue', { threadId: 1 });
    const run = await client.end();
    assert.equal(run.status, 'ok');
    assert.match(JSON.stringify(run.outputs), /total 14/);
  });

  it('steps over, into and out of functions, by the lines of the cell', async () => {
    const path = await breakAt(LOOP, { line: 7 });
    await client.begin(LOOP);
    await client.stopped();
    assert.deepEqual(await client.stack(), [`cell 2 ${path}:7`]);
    await breakAt(LOOP);
    assert.equal(await untilOther(client, 7), `cell 2 ${path}:8`);
    assert.equal(await client.step('stepIn'), `square ${path}:3`);
    assert.deepEqual(await client.stack(), [`square ${path}:3`, `cell 2 ${path}:8`]);
    assert.equal(await client.step('next'), `square ${path}:4`);
    assert.match(await client.step('stepOut'), new RegExp(`^cell 2 ${path}:[78]$`));
    await client.ask('continue', { threadId: 1 });
    assert.equal((await client.end()).status, 'ok');
  });

  it('shows variables by scope, evaluates in a frame, and sets values', async () => {
    const path = await breakAt(LOOP, { line: 5, condition: 'n === 2' });
    await client.begin(LOOP);
    await client.stopped();
    const [inner, outer] = await client.frames();
    assert.equal(inner.source?.path, path);
    assert.deepEqual(await client.scope(inner.id, 'Locals'), ['n: 2', 'squared: 4']);
    assert.deepEqual(await client.scope(outer.id, 'Locals'), [
      'i: 2',
      'total: 1',
      'square: function square',
    ]);
    const evaluate = async (expression: string, frameId?: number) => {
      const { success, message, body } = await client.reply('evaluate', { expression, frameId });
      return success ? (body as { result: string }).result : message;
    };
    assert.equal(await evaluate('n + squared', inner.id), '6');
    assert.equal(await evaluate('total as number', outer.id), '1');
    assert.equal(await evaluate('[n, { squared }]', inner.id), 'Array(2) [2, Object …]');
    assert.equal(await evaluate('nowhere', inner.id), 'ReferenceError: nowhere is not defined');
    assert.match(`${await evaluate('n +', inner.id)}`, /SyntaxError/);
    assert.match(`${await evaluate('1', 9999)}`, /There is no frame 9999/);

    assert.equal(await client.set('Locals', 'squared', '40 + n'), '42');
    await client.set('Cells', 'copied', '1').then(
      () => assert.fail('there is no such variable'),
      (error: Error) => assert.match(error.message, /copied/),
    );
    await client.ask('copyToGlobals', {
      srcVariableName: 'n',
      dstVariableName: 'copied',
      srcFrameId: inner.id,
    });
    await client.ask('continue', { threadId: 1 });
    // 1 + 42 + 9
    assert.match(JSON.stringify((await client.end()).outputs), /total 52/);
    const next = await client.kernel.run('copied * 2');
    assert.match(JSON.stringify(next.outputs), /"text\/plain":"4"/);
  });

  it('sees in conditions and expressions what other cells have defined', async () => {
    await client.kernel.run('const limit = 5; let label = "a";');
    const code = 'for (let i = 0; i < 10; i++) {\n  console.log(i);\n}';
    await breakAt(code, { line: 2, condition: 'i > limit' });
    await client.begin(code);
    await client.stopped();
    const [{ id }] = await client.frames();
    const evaluate = async (expression: string) =>
      (await client.ask<{ result: string }>('evaluate', { expression, frameId: id })).result;
    assert.equal(await evaluate('i + limit'), '11');
    assert.equal(await evaluate('label = "b"'), '"b"');
    await breakAt(code);
    await client.ask('continue', { threadId: 1 });
    await client.end();
    assert.match(JSON.stringify((await client.kernel.run('label')).outputs), /'b'/);
  });

  it('goes on after an await, in a function that another cell has called', async () => {
    const definition = `async function wait(n: number) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  const doubled = 2 * n;
  return doubled;
}`;
    const path = await breakAt(definition, { line: 2 });
    await client.kernel.run(definition);
    const code = 'const waited = await wait(4);\nconsole.log(waited);';
    await client.begin(code);
    await client.stopped();
    assert.match((await client.stack())[0], new RegExp(`^wait ${path}:2$`));
    assert.equal(await client.step('next'), `wait ${path}:3`);
    await client.ask('continue', { threadId: 1 });
    assert.match(JSON.stringify((await client.end()).outputs), /8/);
  });

  it('stops where something is thrown: anything, or what no cell catches', async () => {
    const code = `try {
  JSON.parse('{');
} catch {
  console.log('caught');
}
throw new RangeError('too far');`;
    const path = await breakAt(code);
    await client.ask('setExceptionBreakpoints', { filters: ['all'] });
    await client.begin(code);
    assert.match(`${(await client.stopped()).text}`, /SyntaxError/);
    assert.match((await client.stack())[0], new RegExp(`${path}:2$`));
    await client.ask('continue', { threadId: 1 });
    assert.equal((await client.stopped()).text, 'RangeError: too far');
    await client.ask('continue', { threadId: 1 });
    assert.equal((await client.end()).status, 'error');

    await client.ask('setExceptionBreakpoints', { filters: ['uncaught'] });
    await client.begin(code);
    const stopped = await client.stopped();
    assert.deepEqual([stopped.reason, stopped.text], ['exception', 'RangeError: too far']);
    assert.match((await client.stack())[0], new RegExp(`${path}:6$`));
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.ask('continue', { threadId: 1 });
    assert.equal((await client.end()).status, 'error');
  });

  it('pauses a loop that runs', async () => {
    const code = 'let rounds = 0;\nwhile (rounds >= 0) {\n  rounds++;\n}\nrounds;';
    await client.begin(code);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await client.ask('pause', { threadId: 1 });
    assert.equal((await client.stopped()).reason, 'pause');
    // What ran optimised takes no other values until it is stepped through.
    await client.step('next');
    await client.set('Locals', 'rounds', '-5');
    await client.ask('continue', { threadId: 1 });
    assert.equal((await client.end()).status, 'ok');
  });

  it('pauses at the beginning of the next cell where none runs', async () => {
    await client.ask('pause', { threadId: 1 });
    const code = 'import path from "node:path";\nconst name = path.basename("a/b");\nname;';
    await client.begin(code);
    assert.equal((await client.stopped()).reason, 'pause');
    assert.match((await client.stack())[0], /^cell \d+ .*:1$/);
    await client.ask('continue', { threadId: 1 });
    assert.equal((await client.end()).status, 'ok');
  });

  it('lets a cell that stands be interrupted, before its first await and after', async () => {
    for (const start of ['', 'await new Promise((resolve) => setTimeout(resolve, 5));']) {
      const code = `${start}
let steps = 0;
steps++;
await 1;
console.log('not to be seen');`;
      await breakAt(code, { line: 3 });
      await client.begin(code);
      await client.stopped();
      await client.kernel.interrupt();
      const run = await client.end();
      assert.equal(run.reply.ename, 'Interrupted', JSON.stringify(run));
      assert.doesNotMatch(JSON.stringify(run.outputs), /not to be seen/);
      const again = await client.kernel.run('"still here"');
      assert.match(JSON.stringify(again.outputs), /still here/);
    }
  });

  it('stops in a file of the library, by its own lines, and shows a tensor', async () => {
    await client.kernel.run(`import { tf } from './src/lib/engine/index';
import { inverseNorm } from './src/lib/losses/similarity';`);
    const file = 'src/lib/losses/similarity.ts';
    const source = fs.readFileSync(file, 'utf8').split('\n');
    const line = source.findIndex((text) => text.includes('tf.maximum(tf.sqrt(squares)')) + 1;
    await client.ask('setBreakpoints', { source: { path: file }, breakpoints: [{ line }] });
    const code = 'inverseNorm(tf.fill([1, 2, 2, 3], 2)).shape;';
    await client.begin(code);
    await client.stopped();
    const stack = await client.stack();
    const place = new RegExp(`^\\S+ .*${file}:\\d+$`);
    assert.match(stack[0], new RegExp(`${file}:${line}$`));
    assert.match(stack.at(-1)!, /^cell \d+ .*:1$/);
    // What lies in between is the engine's own: tidy, and the function that calls it.
    assert.ok(stack.some((frame) => frame.startsWith('inverseNorm ') && place.test(frame)));
    const [{ id: frameId }] = await client.frames();
    const locals = await client.scope(frameId, 'Locals');
    assert.ok(
      locals.some((one) => /^squares: Tensor float32 \[1, 2, 2, 1\].*12/.test(one)),
      locals.join('; '),
    );
    const rich = await client.ask<{ data: Record<string, string> }>('richInspectVariables', {
      variableName: 'squares',
      frameId,
    });
    assert.ok('image/png' in rich.data, Object.keys(rich.data).join());
    await client.ask('setBreakpoints', { source: { path: file }, breakpoints: [] });
    await client.ask('continue', { threadId: 1 });
    assert.match(JSON.stringify((await client.end()).outputs), /1, ?2, ?2, ?1/);
  });

  it('lets cells run as ever once it is gone, also one that stands', async () => {
    await breakAt(LOOP, { line: 8 });
    await client.begin(LOOP);
    await client.stopped();
    await client.ask('disconnect', { restart: false });
    assert.match(JSON.stringify((await client.end()).outputs), /total 14/);
    const { isStarted, breakpoints } = await client.ask<Record<string, unknown>>('debugInfo');
    assert.deepEqual([isStarted, breakpoints], [false, []]);
    assert.equal((await client.kernel.run(LOOP)).status, 'ok');
    await client.attach();
  });

  it('lets the kernel be restarted while a cell stands, and is there again', async () => {
    await breakAt(LOOP, { line: 8 });
    await client.begin(LOOP);
    await client.stopped();
    await client.kernel.restart();
    await client.attach();
    const path = await breakAt(LOOP, { line: 10 });
    await client.begin(LOOP);
    await client.stopped();
    assert.deepEqual(await client.stack(), [`cell 1 ${path}:10`]);
    await client.ask('continue', { threadId: 1 });
    await client.end();
  });
});

/** Steps over until the cell stands at another line. Returns where. */
async function untilOther(client: DebugClient, line: number): Promise<string> {
  for (;;) {
    const place = await client.step('next');
    if (!place.endsWith(`:${line}`)) return place;
  }
}
