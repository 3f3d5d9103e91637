import assert from 'node:assert/strict';
import { guardLoops } from '../../environment/kernel/guard-loops.mjs';

describe('guardLoops', () => {
  /**
   * @param {string} js inside of an async function
   * @param {'all' | 'awaiting'} [which]
   */
  const guarded = (js, which = 'awaiting') => {
    const [before, after] = ['async function f() {', '}'];
    return guardLoops(before + js + after, 'g', which).slice(before.length, -after.length);
  };

  it('calls the function in each round of a loop that awaits', () => {
    assert.equal(guarded('while (a) { await b; }'), 'while (a) {g();{ await b; }}');
    assert.equal(guarded('do await b; while (a);'), 'do {g();await b;} while (a);');
    assert.equal(guarded('for (const x of y) await x;'), 'for (const x of y) {g();await x;}');
    assert.equal(guarded('for await (const x of y);'), 'for await (const x of y){g();;}');
  });

  it('calls it in loops within loops, whichever of them it is that awaits', () => {
    assert.equal(
      guarded('for (;;) { for (;;) await b; }'),
      'for (;;) {g();{ for (;;) {g();await b;} }}',
    );
    assert.equal(
      guarded('for (;;) { for (;;) b(); await c; }'),
      'for (;;) {g();{ for (;;) b(); await c; }}',
    );
  });

  it('leaves loops alone that do not await, and awaits without a loop', () => {
    for (const js of [
      'for (;;) b();',
      'await b; for (;;) c();',
      'for (;;) b(async () => { await c; });',
      'for (const x of y) x("await z");',
    ]) {
      assert.equal(guarded(js), js);
    }
  });

  it('calls it in those too that do not await, where all are meant', () => {
    assert.equal(guarded('for (;;) b();', 'all'), 'for (;;) {g();b();}');
    assert.equal(
      guarded('a: while (b) { for (const c in d) continue a; }', 'all'),
      'a: while (b) {g();{ for (const c in d) {g();continue a;} }}',
    );
    assert.equal(guarded('const text = "for (;;) x";', 'all'), 'const text = "for (;;) x";');
  });

  it('keeps every line where it is', () => {
    const lines = guarded('\nfor (;;) {\n  await b;\n}\nc();\n').split('\n');
    assert.deepEqual(lines, ['', 'for (;;) {g();{', '  await b;', '}}', 'c();', '']);
  });
});
