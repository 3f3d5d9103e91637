import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DrivenKernel, only, root, stdoutOf } from './driven-kernel';

/** The text of a cell's execute_result. */
function textOf(run: Parameters<typeof only>[0]): unknown {
  return (only(run, 'execute_result').data as Record<string, unknown>)['text/plain'];
}

/** The lines of a cell's error, which the reply has to repeat. */
function traceOf(run: Parameters<typeof only>[0]): string {
  const { ename, evalue, traceback } = only(run, 'error');
  assert.equal(run.status, 'error');
  assert.deepEqual([run.reply.ename, run.reply.evalue], [ename, evalue]);
  const lines = (traceback as string[]).join('\n');
  assert.match(lines, /\x1b\[31m/, 'an error has its name in colour');
  return stripVTControlCharacters(lines);
}

const display = `(globalThis as any)[Symbol.for('stfpm.display')]`;

describe('the notebook kernel', () => {
  let kernel: DrivenKernel;
  before(() => {
    kernel = new DrivenKernel();
  });
  after(() => kernel.close());

  describe('results', () => {
    it("gives the last expression's value as an execute_result without colours", async () => {
      const run = await kernel.run(`const word = 'abc';\n({ word, list: [1, 2] })`);
      assert.equal(run.status, 'ok');
      assert.equal(textOf(run), "{ word: 'abc', list: [ 1, 2 ] }");
      assert.equal(only(run, 'execute_result').execution_count, run.reply.execution_count);
    });

    it('gives none for a statement or for undefined', async () => {
      assert.deepEqual((await kernel.run('const nothing = undefined;\nnothing')).outputs, []);
    });

    it('asks a value with a Jupyter.display method how it is shown', async () => {
      const run = await kernel.run(`({
        [Symbol.for('Jupyter.display')]: async () => ({ 'text/plain': 'a figure', 'image/png': new Uint8Array([1, 2, 3]) }),
        [Symbol.for('stfpm.display.metadata')]: () => ({ 'image/png': { width: 7 } }),
      })`);
      const { data, metadata } = only(run, 'execute_result');
      assert.deepEqual(data, { 'text/plain': 'a figure', 'image/png': 'AQID' });
      assert.deepEqual(metadata, { 'image/png': { width: 7 } });
    });

    it('describes tensors and typed arrays by shape, type, range and first values', async () => {
      await kernel.run(`import { tf } from './src/lib/engine/index';`);
      const tensor = await kernel.run('const t = tf.tensor2d([[1, 2, 3], [4, -5, 6.25]]);\nt');
      assert.equal(
        textOf(tensor),
        'Tensor float32 [2, 3], from -5 to 6.25\n[1, 2, 3, 4, -5, 6.25]',
      );
      const again = await kernel.run('[t.isDisposed, t.add(1).sum().arraySync()]');
      assert.equal(textOf(again), '[ false, 17.25 ]');
      const disposed = await kernel.run('t.dispose();\nt');
      assert.equal(textOf(disposed), 'Tensor float32 [2, 3], disposed');
      const array = await kernel.run('Float32Array.of(NaN, 3, Infinity, -1, 0.5, 0, 7, 8)');
      assert.equal(
        textOf(array),
        'Float32Array [8], from -1 to 8, 2 not finite\n[NaN, 3, Infinity, -1, 0.5, 0, …]',
      );
      assert.equal(textOf(await kernel.run('new Uint8Array(0)')), 'Uint8Array [0], empty');
      assert.equal(
        textOf(await kernel.run('BigInt64Array.of(5n)')),
        'BigInt64Array [1], from 5 to 5\n[5]',
      );
    });

    it("shows the library's images, masks, metrics and runs, and other objects as text", async () => {
      const image = '({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) })';
      assert.equal(textOf(await kernel.run('({ width: 2 })')), '{ width: 2 }');
      const bundle = async (code: string) =>
        only(await kernel.run(code), 'execute_result').data as Record<string, string>;
      const picture = await bundle(image);
      assert.equal(picture['text/plain'], 'RGB image, 2 × 1');
      assert.match(picture['image/png'], /^iVBOR/);
      const mask = await bundle('({ width: 2, height: 2, data: Uint8Array.of(0, 0, 0, 1) })');
      assert.equal(mask['text/plain'], 'Mask, 2 × 2, 25.00 % defective');
      const levels =
        '{ image: { auroc: 0.5 }, pixel: { auroc: 0.75, aupro: 0.25 }, counts: { images: 9 } }';
      assert.match(
        (await bundle(`({ metrics: ${levels} })`))['text/markdown'],
        /\| 9 test images \| .*0\.7500/,
      );
      const run = await bundle(
        `({ status: 'finished', epochs: [{ epoch: 1, loss: 2 }, { epoch: 2, loss: 1 }], modelEpoch: 2 })`,
      );
      assert.match(
        run['text/plain'],
        /training, finished: 2 in the first epoch, 1 in the last of 2/,
      );
      assert.ok(run['application/vnd.vegalite.v5+json']);
    });

    it('shows an error that is no failure with its message and the lines of the cell', async () => {
      const run = await kernel.run(`\nnew RangeError('a value')`);
      const count = Number(run.reply.execution_count);
      assert.equal(
        textOf(run),
        `RangeError: a value\n    at cell ${count}, line 2\n    new RangeError('a value')\n    ^`,
      );
    });

    it('fails the cell where that method throws', async () => {
      const run = await kernel.run(
        `({ [Symbol.for('Jupyter.display')]: () => { throw new Error('cannot be drawn'); } })`,
      );
      assert.match(traceOf(run), /^Error: cannot be drawn/);
    });

    it('keeps variables, functions and types from cell to cell', async () => {
      await kernel.run(
        'interface Level { size: number }\nlet sizes = (l: Level[]) => l.map((x) => x.size);',
      );
      const run = await kernel.run('const levels: Level[] = [{ size: 64 }];\nsizes(levels)');
      assert.equal(textOf(run), '[ 64 ]');
    });
  });

  describe('variables of earlier cells', () => {
    it('are found in short properties', async () => {
      await kernel.run('const height = 2, width = 3;');
      const run = await kernel.run('const size = { height, width };\nsize');
      assert.equal(textOf(run), '{ height: 2, width: 3 }');
    });

    it('are taken apart under other names, however deep', async () => {
      await kernel.run('const view = () => ({ image: 1, models: [{ levels: 2 }] });');
      const run = await kernel.run(
        'const { image: seen, models: [{ levels }] } = view();\n[seen, levels]',
      );
      assert.equal(textOf(run), '[ 1, 2 ]');
    });

    it('leave an error in such a cell at its place', async () => {
      await kernel.run('const depth = 1;');
      const run = await kernel.run('const shape = { depth }; const bad: string = shape.depth;');
      const [place, , mark] = traceOf(run).split('\n');
      assert.equal(
        place.slice(0, place.indexOf(' - ')),
        `cell ${run.reply.execution_count}, line 1`,
      );
      assert.equal(mark.indexOf('^'), 4 + 31);
    });
  });

  describe('output', () => {
    it('sends standard output and standard error as streams', async () => {
      const run = await kernel.run(`console.log('out'); console.error('err')`);
      assert.deepEqual(
        run.outputs.map(({ content }) => content),
        [
          { name: 'stdout', text: 'out\n' },
          { name: 'stderr', text: 'err\n' },
        ],
      );
    });

    it('sends all of the lines that a cell writes in one go, in few messages', async () => {
      const run = await kernel.run('for (let i = 0; i < 20000; i++) console.log(i);');
      assert.equal(stdoutOf(run), Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(''));
      assert.ok(run.outputs.length < 1000, `${run.outputs.length} messages`);
    });

    it('keeps text before the picture and the error that follow it', async () => {
      const run = await kernel.run(`console.log('one');
${display}({ data: { 'text/plain': 'two' } }, false);
console.error('three');
console.log('four');
throw new Error('five');`);
      assert.deepEqual(
        run.outputs.map(({ type, content }) => content.name ?? type),
        ['stdout', 'display_data', 'stderr', 'stdout', 'error'],
      );
    });

    it('tells a writer when its text is written', async () => {
      const run = await kernel.run(
        `await new Promise<void>((done) => process.stdout.write('x', () => done()));`,
      );
      assert.equal(run.status, 'ok');
    });

    it('shows a bundle and replaces it by its display_id', async () => {
      const run = await kernel.run(
        `${display}({ data: { 'text/plain': 'epoch 1' }, transient: { display_id: 'p' } }, false);
        ${display}({ data: { 'text/plain': 'epoch 2' }, transient: { display_id: 'p' } }, true);`,
      );
      const transient = { display_id: 'p' };
      assert.deepEqual(run.outputs, [
        {
          type: 'display_data',
          content: { data: { 'text/plain': 'epoch 1' }, metadata: {}, transient },
        },
        {
          type: 'update_display_data',
          content: { data: { 'text/plain': 'epoch 2' }, metadata: {}, transient },
        },
      ]);
    });
  });

  describe('clearing the output', () => {
    const clear = `(globalThis as any)[Symbol.for('stfpm.clear')]`;

    it('is told to the client in its place among the outputs', async () => {
      const run = await kernel.run(`console.log('old'); ${clear}(true); console.log('new');`);
      assert.deepEqual(run.outputs, [
        { type: 'stream', content: { name: 'stdout', text: 'old\n' } },
        { type: 'clear_output', content: { wait: true } },
        { type: 'stream', content: { name: 'stdout', text: 'new\n' } },
      ]);
    });

    it('is done at once unless told to wait', async () => {
      assert.equal(only(await kernel.run(`${clear}()`), 'clear_output').wait, false);
    });
  });

  describe('imports and awaits', () => {
    it("imports the lab's library by its path from the root", async () => {
      const run = await kernel.run(`import { auroc } from './src/lib/index';
auroc(new Float64Array([0.1, 0.9]), new Uint8Array([0, 1]))`);
      assert.equal(textOf(run), '1');
    });

    it('waits for what a cell awaits at its top level, in every form', async () => {
      const run = await kernel.run(`const one = await Promise.resolve(1);
const two = await (async () => 2)();
let sum = one + two;
for await (const x of [3, Promise.resolve(4)]) sum += x;
sum`);
      assert.equal(textOf(run), '10');
    });
  });

  describe('edited files', function () {
    // Each edit compiles all of src that it concerns, and the whole of it is checked.
    this.timeout(600_000);
    const folder = path.join(root, 'src', `edited-${process.pid}`);
    const write = (name: string, source: string) =>
      fs.writeFileSync(path.join(folder, name), source);
    const importing = `import { outer } from './src/${path.basename(folder)}/outer';\nouter()`;
    const notes = (run: Parameters<typeof only>[0]) =>
      run.outputs.filter(({ type }) => type === 'stream').map(({ content }) => content.text);
    const compiling = (name: string) =>
      new RegExp(`^Compiling src: src/edited-\\d+/${name} changed\\.\n$`);
    beforeEach(() => {
      fs.mkdirSync(folder, { recursive: true });
      write('inner.ts', 'export const inner = (): number => 1;\n');
      write(
        'outer.ts',
        "import { inner } from './inner';\nexport const outer = (): number => 10 * inner();\n",
      );
    });
    afterEach(() => fs.rmSync(folder, { recursive: true }));

    it('are used by every cell, whether or not it is the one that imports them', async () => {
      const reloaded = /Reloaded src\/edited-\d+\/inner\.ts and what imports it\./;
      assert.equal(textOf(await kernel.run(importing)), '10');
      await kernel.run('const twiceOuter = () => 2 * outer();');
      write('inner.ts', 'export const inner = (): number => 3;\n');
      const next = await kernel.run('twiceOuter()');
      assert.equal(textOf(next), '60');
      assert.match(`${notes(next)[0]}`, compiling('inner.ts'));
      assert.match(`${notes(next).join('')}`, reloaded);
      assert.deepEqual(notes(await kernel.run('outer()')), []);
      write('inner.ts', 'export const inner = (): number => 4;\n');
      const again = await kernel.run(importing);
      assert.equal(textOf(again), '40');
      assert.match(`${notes(again).join('')}`, reloaded);
      // Nothing was edited since: nothing is said.
      assert.deepEqual(
        (await kernel.run(importing)).outputs.map(({ type }) => type),
        ['execute_result'],
      );
    });

    it('leave the engine, and tensors made before, as they were', async () => {
      write('inner.ts', "export { tf } from '../lib/engine/index';\nexport const inner = () => 1;");
      const from = `import { tf } from './src/${path.basename(folder)}/inner';\n`;
      await kernel.run(`${from}const held = tf.scalar(4);`);
      write(
        'inner.ts',
        "export { tf } from '../lib/engine/index';\nexport const inner = () => 55;",
      );
      const run = await kernel.run(`${from}tf.add(held, 1).dataSync()[0]`);
      assert.match(`${notes(run)[1]}`, /^Reloaded/);
      assert.equal(textOf(run), '5');
    });

    it('may be made, folder and all, while the kernel runs', async () => {
      const late = `import { late } from './src/${path.basename(folder)}/late/index';\nlate`;
      assert.match(traceOf(await kernel.run(late)), /Cannot find module/);
      fs.mkdirSync(path.join(folder, 'late'));
      write('late/index.ts', 'export const late = 7;\n');
      assert.equal(textOf(await kernel.run(late)), '7');
      const asFolder = `import { late } from './src/${path.basename(folder)}/late';\nlate + 1`;
      assert.equal(textOf(await kernel.run(asFolder)), '8');
    });

    it('that are removed leave the cells what they have of them, until they are back', async () => {
      const late = `import { late } from './src/${path.basename(folder)}/late';\nlate()`;
      write('late.ts', 'export const late = () => 7;\n');
      assert.equal(textOf(await kernel.run(late)), '7');
      fs.rmSync(path.join(folder, 'late.ts'));
      const next = await kernel.run('late() + 1');
      assert.equal(textOf(next), '8');
      assert.match(`${notes(next)}`, /Removed since it was imported: src\/edited-\d+\/late\.ts\./);
      assert.deepEqual(notes(await kernel.run('late() + 2')), []);
      assert.match(traceOf(await kernel.run(late)), /Cannot find module/);
      fs.mkdirSync(path.join(folder, 'late'));
      write('late/index.ts', 'export const late = () => 9;\n');
      assert.equal(textOf(await kernel.run(late)), '9');
      fs.rmSync(path.join(folder, 'late'), { recursive: true });
      await kernel.run('late()');
      write('late.ts', 'export const late = () => 11;\n');
      const back = await kernel.run('late()');
      assert.equal(textOf(back), '11');
      assert.match(`${notes(back).join('')}`, /Reloaded src\/edited-\d+\/late\.ts/);
    });

    it('that no longer compile fail the cell at their line', async () => {
      await kernel.run(importing);
      write('inner.ts', "\nexport const inner = (): number => 'one';\n");
      const run = await kernel.run(importing);
      assert.match(traceOf(run), /src\/edited-\d+\/inner\.ts:2:\d+ - error: Type 'string'/);
      assert.equal(only(run, 'error').ename, 'TypeScriptError');
      // Others go on with what they have imported; the first one after the edit says so.
      assert.equal(textOf(await kernel.run('outer()')), '10');
      write('inner.ts', "\nexport const inner = (): number => 'two';\n");
      const other = await kernel.run('outer()');
      assert.equal(textOf(other), '10');
      assert.match(`${notes(other)[1]}`, /inner\.ts:2:\d+ - Type 'string'[^]*cells go on/);
      assert.match(
        `${notes(await kernel.run('outer() + 1'))}`,
        /^src does not compile \(src\/edited-\d+\/inner\.ts, line 2\): .* before the edit\.\n$/,
      );
      write('inner.ts', 'export const inner = (): number => 4;\n');
      assert.equal(textOf(await kernel.run(importing)), '40');
    });
  });

  describe('files outside of src', () => {
    const folder = path.join(root, `beside-${process.pid}`);
    const write = (name: string, source: string) =>
      fs.writeFileSync(path.join(folder, name), source);
    const importing = `import { helper } from './${path.basename(folder)}/helper';\nhelper()`;
    before(() => {
      fs.mkdirSync(folder);
      write('inner.ts', 'export const inner = 1;\n');
      write(
        'helper.ts',
        "import { auroc } from '../src/lib';\nimport { inner } from './inner';\n" +
          'export const helper = () => [inner, typeof auroc];\n',
      );
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    it('can be imported, may import from src, and are loaded anew when edited', async () => {
      assert.equal(textOf(await kernel.run(importing)), "[ 1, 'function' ]");
      const same = `import { auroc } from './src/lib/index';\nimport { auroc as other } from './src/lib';
import * as metrics from './src/lib/metrics/auroc';\n[auroc === other, auroc === metrics.auroc]`;
      assert.equal(textOf(await kernel.run(same)), '[ true, true ]');
      write('inner.ts', 'export const inner = 2;\n');
      const again = await kernel.run('helper()');
      assert.equal(textOf(again), "[ 2, 'function' ]");
      const note = only(again, 'stream').text as string;
      assert.match(note, /^Reloaded beside-\d+\/inner\.ts and what imports it\./);
    });

    it('may be removed, and come back', async () => {
      fs.renameSync(path.join(folder, 'helper.ts'), path.join(folder, 'other.ts'));
      const gone = await kernel.run('helper()');
      assert.equal(textOf(gone), "[ 2, 'function' ]");
      assert.match(`${only(gone, 'stream').text}`, /^Removed since .*: beside-\d+\/helper\.ts\./);
      assert.match(traceOf(await kernel.run(importing)), /Cannot find module/);
      fs.renameSync(path.join(folder, 'other.ts'), path.join(folder, 'helper.ts'));
      write('inner.ts', 'export const inner = 5;\n');
      assert.equal(textOf(await kernel.run('helper()')), "[ 5, 'function' ]");
    });

    it('that do not compile fail the cell at their line', async () => {
      write('inner.ts', 'export const inner: string = 3;\n');
      assert.match(
        traceOf(await kernel.run(importing)),
        /beside-\d+\/inner\.ts:1:14 - error: Type 'number'/,
      );
    });
  });

  describe('errors', () => {
    it('fails a cell with a value that throws when it is looked at', async () => {
      for (const thrown of [
        "new Proxy({}, { get() { throw new Error('x'); } })",
        "new (class extends Error { get stack(): string { throw new Error('s'); } })()",
      ]) {
        assert.equal((await kernel.run(`throw ${thrown};`)).status, 'error');
        // Later, while another cell runs, and the kernel goes on.
        await kernel.run(`setTimeout(() => { throw ${thrown}; }, 50); 1`);
        const waiting = await kernel.run('await new Promise((done) => setTimeout(done, 30_000));');
        assert.equal(waiting.status, 'error');
        assert.equal(textOf(await kernel.run('3')), '3');
      }
    });

    it('fails a cell whose picture the protocol cannot carry', async () => {
      const shown = "[Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 12n })";
      assert.match(traceOf(await kernel.run(`({ ${shown} })`)), /BigInt/);
    });

    it('fails a cell that does not compile, and names the place', async () => {
      const run = await kernel.run(`const right = 1;\nconst wrong: string = 3;`);
      const trace = traceOf(run);
      assert.equal(only(run, 'error').ename, 'TypeScriptError');
      const place = `cell ${run.reply.execution_count}, line 2`;
      assert.ok(
        trace.startsWith(`${place} - error: Type 'number' is not assignable to type 'string'.\n`),
        trace,
      );
      assert.match(trace, /\n {4}const wrong: string = 3;\n {10}\^$/);
    });

    it("fails a cell that throws, with the lines of the cell's own source", async () => {
      const { reply } = await kernel.run(`interface Unused {
  gone: true;
}
function inner(): never {
  throw new RangeError('too far');
}`);
      const run = await kernel.run('// a comment\n\ninner()');
      assert.equal(only(run, 'error').ename, 'RangeError');
      assert.equal(only(run, 'error').evalue, 'too far');
      const count = Number(reply.execution_count);
      assert.equal(
        traceOf(run),
        `RangeError: too far
    at inner (cell ${count}, line 5)
      throw new RangeError('too far');
            ^
    at cell ${count + 1}, line 3`,
      );
    });

    it("names the library's source where the error comes from there", async () => {
      const run = await kernel.run(
        `import { auroc as area } from './src/lib/index';\narea(new Float64Array(1), new Uint8Array(2))`,
      );
      assert.match(traceOf(run), /\(src\/lib\/metrics\/[\w-]+\.ts:\d+:\d+\)/);
    });

    it('fails a cell that throws what is no error', async () => {
      assert.equal(traceOf(await kernel.run(`throw 'words'`)), "Thrown: 'words'");
    });

    it('fails a cell that leaves a promise rejected', async () => {
      assert.match(
        traceOf(await kernel.run(`Promise.reject(new Error('left alone')); 1`)),
        /left alone/,
      );
    });

    it('fails a waiting cell when one of its timers throws', async () => {
      const run = await kernel.run(`setTimeout(() => { throw new Error('in a timer'); }, 10);
await new Promise((done) => setTimeout(done, 30_000));`);
      assert.match(traceOf(run), /^Error: in a timer/);
    });

    it('drops the cells that were sent after one that fails, and no later one', async () => {
      const runs = await kernel.runBatch('1', `throw new Error('stop')`, '2', '3');
      assert.deepEqual(
        runs.map(({ status }) => status),
        ['ok', 'error', 'aborted', 'aborted'],
      );
      assert.equal(textOf(await kernel.run('4')), '4');
    });
  });

  describe('interruption', () => {
    it('stops a cell whose last value takes for ever to show itself', async () => {
      const run = await kernel.run(
        `({ [Symbol.for('Jupyter.display')]: () => new Promise(() => {}) })`,
        'execute_input',
      );
      assert.equal(run.status, 'error');
      assert.equal(textOf(await kernel.run('5')), '5');
    });

    it('stops a cell that is still being compiled, and loses none of its imports', async () => {
      const fresh = new DrivenKernel();
      try {
        const code = `import { auroc } from './src/lib/index';\nawait new Promise(() => {});`;
        const run = await fresh.run(code, 'execute_input');
        assert.equal(only(run, 'error').ename, 'Interrupted');
        const next = await fresh.run(`import { auroc } from './src/lib/index';\ntypeof auroc`);
        assert.equal(textOf(next), "'function'");
      } finally {
        await fresh.close();
      }
    });

    it('stops a busy cell and keeps the variables of earlier ones', async () => {
      await kernel.run('const kept = 5;');
      const run = await kernel.run(`console.log('busy');\nfor (;;);`, 'stream');
      assert.equal(only(run, 'error').ename, 'Interrupted');
      assert.equal(textOf(await kernel.run('kept')), '5');
    });

    it('stops a cell that is busy after it has waited', async () => {
      const run = await kernel.run(
        `await new Promise((done) => setTimeout(done, 20));\nconsole.log('busy');\nfor (;;);`,
        'stream',
      );
      assert.equal(only(run, 'error').ename, 'Interrupted');
    });

    it('stops cells that it meets as they begin, each of them', async () => {
      for (let i = 0; i < 20; i++) {
        const run = await kernel.run(`console.log(1);\nawait new Promise(() => {});`, 'stream');
        assert.equal(only(run, 'error').ename, 'Interrupted');
      }
      assert.equal(textOf(await kernel.run('20')), '20');
    });

    it('stops a waiting cell, whose loop does not go on unseen', async () => {
      const run = await kernel.run(
        `let rounds = 0;
await new Promise((done) => setTimeout(done, 20));
console.log('waiting');
for (;;) {
  await new Promise((done) => setTimeout(done, 20));
  (globalThis as any).rounds = ++rounds;
}`,
        'stream',
      );
      assert.equal(only(run, 'error').ename, 'Interrupted');
      const later = await kernel.run(`const before = (globalThis as any).rounds;
await new Promise((done) => setTimeout(done, 200));
(globalThis as any).rounds === before`);
      assert.equal(textOf(later), 'true');
    });

    it('gives a cell that listens to its signal the time to end in order', async () => {
      const run = await kernel.run(
        `const signal: AbortSignal = (globalThis as any)[Symbol.for('stfpm.signal')];
const ended = new Promise<void>((done) => signal.addEventListener('abort', () => {
  setTimeout(() => { console.log('saved'); done(); }, 100);
}));
await new Promise((done) => setTimeout(done, 20));
console.log('training');
await ended;`,
        'stream',
      );
      assert.equal(only(run, 'error').ename, 'Interrupted');
      assert.equal(stdoutOf(run), 'training\nsaved\n');
    });

    it('stops a cell that has its signal and is busy with a loop of its own', async () => {
      const run = await kernel.run(
        `const unused = (globalThis as any)[Symbol.for('stfpm.signal')];
await new Promise((done) => setTimeout(done, 20));
console.log('busy');
for (;;);`,
        'stream',
      );
      assert.equal(only(run, 'error').ename, 'Interrupted');
    });
  });

  describe('the interruption of what a cell has called in a file', () => {
    const folder = path.join(root, 'src', `looping-${process.pid}`);
    before(() => {
      fs.mkdirSync(folder);
      const source = `export async function count(counter: { rounds: number; closed: boolean }) {
  try {
    for (;;) {
      await new Promise((done) => setTimeout(done, 10));
      counter.rounds++;
    }
  } finally {
    counter.closed = true;
  }
}
export async function countUntil(signal: AbortSignal) {
  while (!signal.aborted) await new Promise((done) => setTimeout(done, 10));
  for (let i = 0; i < 10; i++) await new Promise((done) => setTimeout(done, 10));
  console.log('saved');
}`;
      fs.writeFileSync(path.join(folder, 'count.ts'), source);
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    it('gives work that looks at the signal now and then the time to end in order', async () => {
      const importing = `import { countUntil } from './src/${path.basename(folder)}/count';\n`;
      await kernel.run(importing);
      const code = `${importing}console.log('counting');
await countUntil((globalThis as any)[Symbol.for('stfpm.signal')]);`;
      const run = await kernel.run(code, 'stream');
      assert.equal(only(run, 'error').ename, 'Interrupted');
      assert.equal(stdoutOf(run), 'counting\nsaved\n');
    });

    it('ends the loops of one without a signal, which close what they have opened', async () => {
      await kernel.run('const counter = { rounds: 0, closed: false };');
      const code = `import { count } from './src/${path.basename(folder)}/count';
await new Promise((done) => setTimeout(done, 20));
console.log('counting');
await count(counter);`;
      const run = await kernel.run(code, 'stream');
      assert.equal(only(run, 'error').ename, 'Interrupted');
      const later = await kernel.run(`const waiting = performance.now() + 10_000;
while (!counter.closed && performance.now() < waiting) await new Promise((done) => setTimeout(done, 10));
counter.closed`);
      assert.equal(textOf(later), 'true');
    });
  });

  describe('a training', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stfpm-kernel-'));
    after(() => fs.rmSync(folder, { recursive: true }));
    const cell = (epochs: number) => `const result${epochs} = await lab.trainDetector(
  lab.baselineConfig({ category: 'noise', imageSize: 32, epochs: ${epochs}, batchSize: 2 }),
  dataset, lab.randomTeacher(0), folder + '/run', {
    signal: viz.cellSignal(),
    onEpoch: ({ epoch, seconds }, records) => live.update(() => viz.trainingProgress(
      { epoch, epochs: ${epochs}, loss: records.map(({ loss }) => loss), secondsPerEpoch: seconds })),
  });`;

    it('that is interrupted is saved, and leaves one output, without a trace of the way', async () => {
      const setUp = await kernel.run(`import * as lab from './src/lib/index';
import * as viz from './src/viz/index';
import { tinyDataset } from './test/training/tiny-dataset';
const folder = ${JSON.stringify(folder)};
const dataset = await tinyDataset(folder + '/images', 6);
let live = viz.liveDisplay({ interval: 0 });`);
      assert.equal(setUp.status, 'ok', JSON.stringify(setUp.outputs));
      const run = await kernel.run(cell(5000), 'update_display_data');
      assert.equal(only(run, 'error').ename, 'Interrupted');
      const shown = run.outputs.filter(({ type }) => type.endsWith('display_data'));
      assert.equal(only(run, 'display_data'), shown[0].content);
      const ids = shown.map(
        ({ content }) => (content.transient as { display_id: string }).display_id,
      );
      assert.equal(new Set(ids).size, 1);
      assert.ok(fs.existsSync(path.join(folder, 'run', 'state.safetensors')));
      const epochs = Number(
        textOf(await kernel.run(`new lab.RunFolder(folder + '/run').readEpochs().length`)),
      );
      assert.ok(epochs >= 2 && epochs < 5000, `${epochs} epochs`);
    });
  });

  describe('requests beside a running cell that make no sense', () => {
    it('are answered with an error or not at all, and leave the cell alone', async () => {
      const cell = `console.log('at it');\nawait new Promise((done) => setTimeout(done, 1000));\n'done'`;
      const {
        replies,
        unfinished,
        cell: run,
      } = await kernel.sendDuring(cell, [
        ['is_complete_request', {}],
        ['complete_request', { code: 1, cursor_pos: 'a' }],
        ['inspect_request', null],
        ['history_request', { hist_access_type: 'search', pattern: 5 }],
        ['execute_request', {}],
        ['comm_info_request', null],
        ['inspect_request', { code: 'let a', cursor_pos: 99 }],
        ['constructor', {}],
      ]);
      assert.equal(run.status, 'ok', JSON.stringify(run));
      assert.equal(textOf(run), "'done'");
      const ok = [false, false, false, false, false, true, true, undefined];
      assert.deepEqual(
        replies.map((reply) => reply && reply.status === 'ok'),
        ok.map((expected) => expected ?? null),
      );
      const complaints = replies.slice(0, 5).map((reply) => [reply?.ename, reply?.traceback]);
      for (const [name, traceback] of complaints) {
        assert.equal(name, 'TypeError');
        assert.ok(Array.isArray(traceback) && traceback.length > 0);
      }
      assert.deepEqual(unfinished, ['constructor']);
      assert.equal(textOf(await kernel.run('1 + 1')), '2');
    });
  });

  describe('what a command and a kernel leave in the folder of temporary files', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stfpm-tmpdir-'));
    after(() => fs.rmSync(folder, { recursive: true }));

    it('is no compiled code', async () => {
      const environment: NodeJS.ProcessEnv = { ...process.env, TMPDIR: folder };
      delete environment.TSX_DISABLE_CACHE;
      const command = path.join(root, 'src', 'cli', 'stfpm.js');
      execFileSync(process.execPath, [command, '--version'], { env: environment });
      const fresh = new DrivenKernel(environment);
      try {
        await fresh.run(`import * as lab from './src/lib/index';`);
      } finally {
        await fresh.close();
      }
      assert.deepEqual(
        fs.readdirSync(folder).filter((name) => name.startsWith('tsx-')),
        [],
      );
    });
  });

  describe('a restart', () => {
    const folder = path.join(root, `restarted-${process.pid}`);
    before(() => {
      fs.mkdirSync(folder);
      const source = `import { writeFileSync } from 'node:fs';
export async function train(signal: AbortSignal, file: string) {
  console.log('training');
  while (!signal.aborted) {
    const end = performance.now() + 1500;
    while (performance.now() < end);
    await new Promise((done) => setTimeout(done, 1));
  }
  writeFileSync(file, 'state');
}`;
      fs.writeFileSync(path.join(folder, 'train.ts'), source);
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    it('lets a cell that has its signal end its step and save', async () => {
      const fresh = new DrivenKernel();
      const saved = path.join(folder, 'saved');
      try {
        await fresh.restartIn(`import { train } from './${path.basename(folder)}/train';
await new Promise((done) => setTimeout(done, 1));
await train((globalThis as any)[Symbol.for('stfpm.signal')], ${JSON.stringify(saved)});`);
        assert.equal(fs.readFileSync(saved, 'utf8'), 'state');
      } finally {
        await fresh.close();
      }
    });

    for (const [state, code] of [
      ['busy', 'for (;;);'],
      ['waiting', 'await new Promise(() => {});'],
    ]) {
      it(`works while a cell is ${state}, and forgets its variables`, async () => {
        const fresh = new DrivenKernel();
        try {
          await fresh.run('const forgotten = 1;');
          const printing = `setTimeout(() => {}, 60_000);\nconsole.log('at it');\n${code}`;
          // Jupyter asks first, and ends the process itself after five seconds.
          assert.ok((await fresh.restartIn(printing)) < 30);
          assert.match(traceOf(await fresh.run('forgotten')), /Cannot find name 'forgotten'/);
        } finally {
          await fresh.close();
        }
      });
    }
  });
});
