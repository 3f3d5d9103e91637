import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type CellRun, DrivenKernel, only, root, stdoutOf } from './driven-kernel';

/** The parts of an editor's answers that are looked at here. */
interface Answer {
  status: string;
  matches: string[];
  cursor_start: number;
  cursor_end: number;
  data: Record<'text/plain', string>;
  metadata: {
    _jupyter_types_experimental: {
      text: string;
      type: string;
      signature: string;
      start: number;
      end: number;
    }[];
  };
}

function textOf(run: CellRun): unknown {
  return (only(run, 'execute_result').data as Record<string, unknown>)['text/plain'];
}

function traceOf(run: CellRun): string {
  return stripVTControlCharacters((only(run, 'error').traceback as string[]).join('\n'));
}

describe('what is written in a cell every day', () => {
  let kernel: DrivenKernel;
  before(() => {
    kernel = new DrivenKernel();
  });
  after(() => kernel.close());

  describe('errors', () => {
    it('keep lines of a message that look like those of a stack', async () => {
      const run = await kernel.run(`throw new Error('first\\n    at one (native)\\nlast');`);
      assert.match(
        traceOf(run),
        /^Error: first\n {4}at one \(native\)\nlast\n {4}at cell \d+, line 1/,
      );
    });

    it('show what caused them, with all of its lines', async () => {
      const run = await kernel.run(`const inner = () => { throw new RangeError('inside'); };
try {
  inner();
} catch (cause) {
  throw Object.assign(new Error('outside', { cause }), { code: 'E_OUT' });
}`);
      assert.match(
        traceOf(run),
        /^Error: outside\n[^]*code: 'E_OUT'[^]*because of RangeError: inside\n {6}at inner \(cell \d+, line 1\)[^]*cell \d+, line 3/,
      );
    });

    it('mark the place in lines that the kernel has added to', async () => {
      const run = await kernel.run(`const bad = () => { throw new Error('x'); };
for (const one of [1]) await Promise.resolve(one).then(() => bad());`);
      const [, , line, mark] = traceOf(run).split('\n');
      assert.equal(line.slice(mark.indexOf('^')), `new Error('x'); };`);
    });

    it('of a function that calls itself tell it once', async () => {
      const run = await kernel.run(
        'const again = (n: number): number => again(n + 1) + 1;\nagain(0);',
      );
      assert.match(traceOf(run), /the same \d+ more times/);
      assert.ok(traceOf(run).split('\n').length < 12);
    });

    it('and values never show the name that the kernel gives to a last value', async () => {
      const shown = [
        await kernel.run('() => 1'),
        await kernel.run('(class { a = 1 })'),
        await kernel.run('const before = 1\n;(function () {})'),
      ].map((run) => textOf(run));
      assert.deepEqual(shown, [
        '[Function (anonymous)]',
        '[class (anonymous)]',
        '[Function (anonymous)]',
      ]);
    });

    it('tell of a full heap, whose limit is set from outside, and leave the kernel as it was', async () => {
      const small = new DrivenKernel({ ...process.env, NODE_OPTIONS: '--max-old-space-size=600' });
      try {
        await small.run('const kept = 7;');
        const run = await small.run(
          'const list: number[][] = [];\nfor (;;) list.push(new Array(100_000).fill(0.5));',
        );
        assert.equal(only(run, 'error').ename, 'OutOfMemory');
        assert.match(traceOf(run), /NODE_OPTIONS=--max-old-space-size=\d+[^]*cell 2, line 2/);
        assert.equal(textOf(await small.run('kept')), '7');
      } finally {
        await small.close();
      }
    });
  });

  describe('declarations', () => {
    it('may be exported, as in a module', async () => {
      const run = await kernel.run(`export const five = 5;
export interface Pair { a: number; b: number }
export type Pairs = Pair[];
export default function two() { return 2; }
export { five as more };`);
      assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
      const later = await kernel.run('const pairs: Pairs = [{ a: five, b: two() }];\npairs');
      assert.equal(textOf(later), '[ { a: 5, b: 2 } ]');
      assert.equal(textOf(await kernel.run('export default { five }')), '{ five: 5 }');
    });

    it('stay where the cell throws after them, and those before them where it throws first', async () => {
      await kernel.run('let first = 1;\nlet second: string | number = 2;');
      const run = await kernel.run(`const twice = (n: number) => 2 * n;
interface Kept { n: number }
let first = 'one';
throw new Error('here');
let second = 'two';`);
      assert.equal(run.status, 'error');
      const later = await kernel.run(
        'const kept: Kept = { n: twice(2) };\n[kept.n, first, second]',
      );
      assert.equal(textOf(later), "[ 4, 'one', 2 ]");
      const types = await kernel.run(
        'const asText: string = first;\nconst asNumber: string | number = second;',
      );
      assert.equal(types.status, 'ok', JSON.stringify(types.outputs));
    });
  });

  describe('values', () => {
    it('that are promises are printed as such', async () => {
      assert.equal(
        textOf(await kernel.run('[new Promise(() => {}), Promise.resolve(5)]')),
        '[ Promise { <pending> }, Promise { 5 } ]',
      );
      assert.equal(
        stdoutOf(await kernel.run('console.log(Promise.resolve(1))')),
        'Promise { 1 }\n',
      );
    });
  });

  describe('what a cell shows', () => {
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
    const typesOf = async (code: string) => {
      const run = await kernel.run(code);
      assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
      return Object.keys(only(run, 'execute_result').data as object);
    };

    it('is every value that it hands to display, in order, without an import', async () => {
      const run = await kernel.run(`display(1, 'two', { three: 3 });\nconsole.log('after');`);
      const shown = run.outputs.map(({ content }) => content.text ?? content.data);
      assert.deepEqual(shown, [
        { 'text/plain': '1' },
        { 'text/plain': 'two' },
        { 'text/plain': '{ three: 3 }' },
        'after\n',
      ]);
    });

    it('is removed by clearOutput, which waits for what comes next unless told otherwise', async () => {
      assert.equal(only(await kernel.run('clearOutput()'), 'clear_output').wait, true);
      const at = await kernel.run('clearOutput({ wait: false })');
      assert.equal(only(at, 'clear_output').wait, false);
    });

    it('are pictures for the bytes of a picture file, and for others their text', async () => {
      assert.deepEqual(await typesOf(`Buffer.from('${png}', 'base64')`), [
        'image/png',
        'text/plain',
      ]);
      assert.deepEqual(await typesOf('Buffer.of(0xff, 0xd8, 0xff, 0xe0)'), [
        'image/jpeg',
        'text/plain',
      ]);
      assert.deepEqual(await typesOf(`Buffer.from('text')`), ['text/plain']);
    });

    it('are charts for specifications of charts, and for others their text', async () => {
      const vega = `({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'point' })`;
      assert.ok((await typesOf(vega)).includes('application/vnd.vegalite.v5+json'));
      const plotly = '({ data: [{ x: [1], y: [2] }], layout: {} })';
      assert.ok((await typesOf(plotly)).includes('application/vnd.plotly.v1+json'));
      assert.deepEqual(await typesOf('({ data: [1, 2] })'), ['text/plain']);
    });

    it('is HTML where it is marked as such, with what is put into it as text', async () => {
      const run = await kernel.run("html`<b>${'<x>'}</b>${html('<i>y</i>')}`");
      const { data } = only(run, 'execute_result') as { data: Record<string, string> };
      assert.equal(data['text/html'], '<b>&#60;x&#62;</b><i>y</i>');
    });
  });

  describe('modules', () => {
    const folder = path.join(root, `modules-${process.pid}`);
    before(() => {
      fs.mkdirSync(path.join(folder, 'tools'), { recursive: true });
      fs.writeFileSync(path.join(folder, 'tools', 'index.ts'), 'export const tool = 3;\n');
      fs.writeFileSync(path.join(folder, 'near.ts'), 'export const near = 4;\n');
    });
    after(() => fs.rmSync(folder, { recursive: true }));

    it('may be folders with an index', async () => {
      const name = path.basename(folder);
      assert.equal(textOf(await kernel.run(`import { tool } from './${name}/tools';\ntool`)), '3');
    });

    it("are found from the notebook's folder, and from the checkout", async () => {
      const there = new DrivenKernel(process.env, folder);
      try {
        const run = await there.run(`import { near } from './near';
import { tool } from './tools';
import { auroc } from './src/lib/index';
import { auroc as same } from '../src/lib';
[near, tool, auroc === same, __dirname, import.meta.url.startsWith('file:///')]`);
        assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
        assert.equal(String(textOf(run)).replace(/\s+/g, ' '), `[ 4, 3, true, '${folder}', true ]`);
      } finally {
        await there.close();
      }
    });

    it('without types are imported, which is told once', async () => {
      const code = `import semver from 'semver';\nsemver.major('3.2.1')`;
      const run = await kernel.run(code);
      assert.equal(textOf(run), '3');
      assert.match(String(only(run, 'stream').text), /^semver has no types: .* `any`/);
      assert.deepEqual(
        (await kernel.run(code)).outputs.map(({ type }) => type),
        ['execute_result'],
      );
    });
  });

  describe('what an editor asks', () => {
    const ask = async (type: string, code: string, detail_level = 0) => {
      const cursor_pos = [...code.slice(0, code.indexOf('|'))].length;
      const content = { code: code.replace('|', ''), cursor_pos, detail_level };
      const cell = `console.log('at it');\nawait new Promise((done) => setTimeout(done, 300));`;
      const { replies } = await kernel.sendDuring(cell, [[type, content]]);
      assert.equal(replies[0]?.status === 'error', false, JSON.stringify(replies[0]));
      return replies[0] as unknown as Answer;
    };

    it('is answered in code points', async () => {
      const { matches, cursor_start, cursor_end } = await ask(
        'complete_request',
        "const s = '😀😀'; Math.sqr|",
      );
      assert.ok(matches.includes('sqrt'));
      assert.deepEqual([cursor_start, cursor_end], [21, 24]);
      const { data } = await ask('inspect_request', "const s = '😀😀'; parseFl|oat('1')");
      assert.match(data['text/plain'], /function parseFloat/);
    });

    it('has kinds and types of what may be written', async () => {
      const { metadata } = await ask('complete_request', 'const a = [1]; a.leng|');
      const { text, type, signature, start, end } = metadata._jupyter_types_experimental[0];
      assert.deepEqual(
        [text, type, signature, start, end],
        ['length', 'property', 'number', 17, 21],
      );
    });

    it('completes the names of modules, of their members, and of nothing', async () => {
      const matches = async (code: string) => {
        const { matches, cursor_start, cursor_end } = await ask('complete_request', code);
        return [matches, code.slice(cursor_start, cursor_end)] as const;
      };
      const [modules, written] = await matches("import a from 'node:f|'");
      assert.deepEqual([modules.includes('node:fs'), written], [true, 'node:f']);
      const [files, part] = await matches("import a from './src/lib/ind|'");
      assert.deepEqual([files, part], [['index'], 'ind']);
      assert.ok((await matches("import { | } from 'node:fs'"))[0].includes('readFileSync'));
      assert.ok((await matches('|'))[0].includes('parseFloat'));
    });

    it('shows inside the brackets of a call what is called, with what it returns and throws', async () => {
      await kernel.run(`/**
 * Adds.
 * @param a the one
 * @returns the sum
 * @throws RangeError of large numbers
 */
function add(a: number, b: number): number { return a + b; }`);
      const { data } = await ask('inspect_request', 'add(1, |)');
      const text: string = data['text/plain'];
      assert.match(text, /add\(a: number, b: number\): number/);
      assert.match(text, /^@returns the sum$/m);
      assert.match(text, /^@throws RangeError of large numbers$/m);
    });

    it('shows what packages document, and in detail all ways of calling and the members of types', async () => {
      const shown = async (code: string, detail = 0) =>
        (await ask('inspect_request', code, detail)).data['text/plain'];
      const ways = (text: string) => text.split('\n').filter((line) => line.startsWith('from('));
      const short = await shown('Buffer.from(|');
      assert.match(short, /^from\(.*\(and \d more\)\n\nAllocates a new `Buffer`[^]*^@since/m);
      assert.equal(ways(short).length, 1);
      assert.ok(ways(await shown('Buffer.from(|', 1)).length > 1);
      assert.match(
        await shown("import fs from 'node:fs';\nfs.readFile|Sync"),
        /Returns the contents/,
      );
      await kernel.run('interface Part { width: number }\nconst part: Part = { width: 1 };');
      assert.equal(await shown('par|t'), 'const part: Part');
      assert.match(await shown('par|t', 1), /width: number/);
    });

    it('says incomplete of what is still open, and invalid of what is wrong', async () => {
      const codes = [
        'const a = `open',
        'const b = `x ${',
        'f(1,',
        '/* open',
        'const const = 1',
        '1 + 1',
      ];
      const found: string[] = [];
      for (const code of codes) found.push((await ask('is_complete_request', `${code}|`)).status);
      assert.deepEqual(found, [
        'incomplete',
        'incomplete',
        'incomplete',
        'incomplete',
        'invalid',
        'complete',
      ]);
    });
  });
});
