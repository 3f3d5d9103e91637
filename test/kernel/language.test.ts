import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type CellRun, DrivenKernel, only, root } from './driven-kernel';

describe('the TypeScript of the cells', () => {
  let kernel: DrivenKernel;
  before(() => {
    kernel = new DrivenKernel();
  });
  after(() => kernel.close());

  /** The text of the last value. */
  const textOf = (run: CellRun) => {
    assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
    return (only(run, 'execute_result').data as Record<string, unknown>)['text/plain'];
  };
  const valueOf = async (code: string) => textOf(await kernel.run(code));
  const errorOf = (run: CellRun) => stripVTControlCharacters(String(only(run, 'error').evalue));

  it("is that of the lab's own package", async () => {
    const { version } = (await import('typescript')).default;
    const { banner } = (await kernel.control('kernel_info_request', {})) as { banner: string };
    assert.match(banner, new RegExp(`^TypeScript ${version} `));
  });

  it('knows the functions of ES2023 and ES2024, on every Node', async () => {
    assert.equal(
      await valueOf(
        'const list = [3, 1, 2];\n[list.toSorted(), list.toReversed(), list.with(0, 9)]',
      ),
      '[ [ 1, 2, 3 ], [ 2, 1, 3 ], [ 9, 1, 2 ] ]',
    );
    assert.equal(
      await valueOf(`const groups = Object.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even'));
const lists: (number[] | undefined)[] = [groups.odd, groups.even];
lists`),
      '[ [ 1, 3 ], [ 2 ] ]',
    );
    assert.equal(
      await valueOf(`[...Map.groupBy(new Set([1, 2, 3]), (n, i) => n * i > 1)]`),
      '[ [ false, [ 1 ] ], [ true, [ 2, 3 ] ] ]',
    );
    assert.equal(
      await valueOf(`const { promise, resolve } = Promise.withResolvers<number>();
setTimeout(resolve, 1, 5);
await promise`),
      '5',
    );
  });

  it('does not promise what Node has not', async () => {
    const known = 'union' in Set.prototype;
    const run = await kernel.run('new Set([1]).union(new Set([2])).size');
    assert.equal(run.status, known ? 'ok' : 'error');
    if (!known) assert.match(errorOf(run), /Property 'union' does not exist/);
  });

  it('has using and await using', async () => {
    assert.equal(
      await valueOf(`const log: string[] = [];
const open = (name: string) => ({ name, [Symbol.dispose]() { log.push('closed ' + name); } });
{
  using first = open('a');
  await using second = open('b');
  log.push(first.name + second.name);
}
log`),
      "[ 'ab', 'closed b', 'closed a' ]",
    );
  });

  it('has NoInfer, satisfies and const type parameters', async () => {
    await kernel.run(
      'function pick<T>(all: T[], one: NoInfer<T>): boolean { return all.includes(one); }',
    );
    assert.equal(await valueOf(`pick(['a', 'b'], 'b')`), 'true');
    assert.match(errorOf(await kernel.run(`pick(['a', 'b'], 3)`)), /'number' is not assignable/);
    assert.equal(
      await valueOf(`const sizes = { small: 1, large: [2] } satisfies Record<string, number | number[]>;
sizes.large.length + sizes.small`),
      '2',
    );
    await kernel.run(
      'function asIs<const T extends readonly unknown[]>(list: T): T { return list; }',
    );
    assert.equal(
      await valueOf(`const exact: readonly [1, 'two'] = asIs([1, 'two']);\nexact`),
      "[ 1, 'two' ]",
    );
  });

  it("has the standard's decorators", async () => {
    const run = await kernel.run(`function doubled<This>(
  method: (this: This, n: number) => number,
  { name }: ClassMethodDecoratorContext<This>,
) {
  return function (this: This, n: number) {
    console.log(String(name));
    return 2 * method.call(this, n);
  };
}
class Numbers {
  @doubled next(n: number) { return n + 1; }
}
new Numbers().next(4)`);
    assert.equal(run.status, 'ok', JSON.stringify(run.outputs));
    assert.deepEqual(run.outputs[0].content, { name: 'stdout', text: 'next\n' });
    assert.equal(await valueOf('new Numbers().next(1)'), '4');
  });

  it('has JSX, which is what the names in scope make of it', async () => {
    const run = await kernel.run(`declare global {
  namespace JSX {
    interface IntrinsicElements { b: { id?: string } }
    type Element = string;
  }
}
const React = {
  createElement: (type: string | ((props: any) => string), props: any, ...inner: string[]): string =>
    typeof type === 'function' ? type(props) : '<' + type + '>' + inner.join(''),
};
const Bold = ({ text }: { text: string }) => <b id="x">{text}</b>;
<Bold text="one" />`);
    assert.equal(textOf(run), "'<b>one'");
    assert.equal(await valueOf('<b>{<Bold text="two"></Bold>}</b>'), "'<b><b>two'");
    assert.match(errorOf(await kernel.run('<Bold text={3} />')), /'number' is not assignable/);
    assert.equal(await valueOf('<number>(3 as unknown)'), '3', 'an assertion is no JSX');
  });

  it('heeds the comments that expect or ignore an error', async () => {
    await valueOf(`// @ts-expect-error
const one: number = 'one';
// @ts-ignore
const two: number = 'two';
[one, two]`);
    const run = await kernel.run('// @ts-expect-error\nconst three = 3;');
    assert.equal(errorOf(run), "Unused '@ts-expect-error' directive.");
  });

  describe('what earlier cells have declared', () => {
    it('may be assigned, called and taken apart, with or without semicolons', async () => {
      await kernel.run(`let n = 1
const same = function (this: unknown, value?: number) { return this === undefined ? value : this }
const tag = (texts: TemplateStringsArray, ...values: number[]) => texts.join('_') + values`);
      const run = await kernel.run(`const before = 5
same()
n += 1
;[n] = [n * 10]
;({ n } = { n: n + 1 })
for (n of [n, n + 1]) same(n)
if (n > 0) same(1); else same(2)
;[n, same(n), same?.(3), tag\`a\${n}b\`, { n }, [n, ...[n]]]`);
      assert.equal(textOf(run), "[ 22, 22, 3, 'a_b22', { n: 22 }, [ 22, 22 ] ]");
      assert.equal(await valueOf('n++\nn'), '23');
    });

    it('may be a base class, a decorator, an enumeration, a namespace or a generic type', async () => {
      await kernel.run(`class Base<T> { constructor(readonly held: T) {} }
enum Level { Low = 1, High }
namespace Units { export type Pixels = number; export const two: Pixels = 2; }
interface Box<T> { inner: T }
const named = <C extends new (...given: any[]) => object>(made: C, _: ClassDecoratorContext<C>) =>
  Object.assign(made, { label: 'named' });`);
      const run = await kernel.run(`@named
class Derived extends Base<Box<Level>> {}
const size: Units.Pixels = Units.two;
const derived = new Derived({ inner: Level.High });
[derived.held.inner, Level[derived.held.inner], size, (Derived as unknown as { label: string }).label]`);
      assert.equal(textOf(run), "[ 2, 'High', 2, 'named' ]");
    });

    it('keeps its type, however long, and the one that was not yet told', async () => {
      const members = Array.from({ length: 400 }, (_, i) => `m${i}: ${i}`).join(', ');
      await kernel.run(`const wide = { ${members} };\nlet later;\nconst list = [];`);
      const run = await kernel.run('const wrong: string = wide.m399;');
      assert.match(errorOf(run), /'number' is not assignable to type 'string'/);
      assert.equal(await valueOf('later = 3;\nlist.push(later);\nlist'), '[ 3 ]');
    });

    it('may be somewhere else, until a cell makes it', async () => {
      await kernel.run('declare const elsewhere: number;\n(globalThis as any).elsewhere = 5;');
      assert.equal(await valueOf('elsewhere + 1'), '6');
      await kernel.run("const elsewhere = 'here';");
      assert.equal(await valueOf('elsewhere'), "'here'");
    });

    it('is another one for types and for values of the same name', async () => {
      await kernel.run('interface Size { width: number }\nconst Size = 7;');
      assert.equal(await valueOf('const given: Size = { width: Size };\ngiven'), '{ width: 7 }');
      await kernel.run('type Size = string;');
      assert.equal(await valueOf("const told: Size = 'large';\n[told, Size]"), "[ 'large', 7 ]");
      await kernel.run('class Size {}');
      assert.equal(await valueOf('const made: Size = new Size();\nmade'), 'Size {}');
    });
  });

  describe('packages that only import can load', () => {
    const folder = path.join(root, `standard-${process.pid}`);
    const write = (name: string, text: string) => {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text);
    };
    let there: DrivenKernel;
    before(() => {
      const at = 'node_modules/only-import';
      const entry = { types: './index.d.ts', import: './index.js' };
      write(
        `${at}/package.json`,
        JSON.stringify({ name: 'only-import', type: 'module', exports: entry }),
      );
      write(
        `${at}/index.js`,
        'export const late = await Promise.resolve(7);\nexport default class Only {}',
      );
      write(`${at}/index.d.ts`, 'export declare const late: number;\nexport default class Only {}');
      write(
        'near.ts',
        "import { late } from 'only-import';\nexport const more: number = late + 1;\n",
      );
      there = new DrivenKernel(process.env, folder);
    });
    after(async () => {
      await there.close();
      fs.rmSync(folder, { recursive: true });
    });

    it('and that await something as they begin, are imported in every way, by files as well', async () => {
      const run = await there.run(`import Only, { late } from 'only-import';
import * as all from 'only-import';
import { more } from './near';
const again = await import('only-import');
[new Only(), late, more, all.default === Only, again.late]`);
      assert.equal(textOf(run), '[ Only {}, 7, 8, true, 7 ]');
      const later = await there.run("late + (await import('only-import')).late");
      assert.equal(textOf(later), '14');
    });

    it('may be those that they hand to import at run time', async () => {
      const run = await there.run(
        "const os = await import('node:' + 'os');\n[typeof os.cpus, typeof os.default.cpus]",
      );
      assert.equal(textOf(run), "[ 'function', 'function' ]");
      const missing = await there.run("await import('not' + '-there')");
      assert.match(errorOf(missing), /Cannot find (?:module|package) 'not-there'/);
    });
  });
});
