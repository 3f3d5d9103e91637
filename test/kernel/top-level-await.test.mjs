import assert from 'node:assert/strict';
import { guardAwaits } from '../../environment/kernel/top-level-await.mjs';

describe('guardAwaits', () => {
  /** @param {string} js */
  const guarded = (js) => guardAwaits(js, 'g').js;

  it('passes the value of each await through the function', () => {
    assert.equal(guarded('const a = await f();'), 'const a = g(await f());');
    assert.equal(guarded('await (async () => 1)();'), 'g(await (async () => 1)());');
  });

  it('keeps the order of nested awaits', () => {
    assert.equal(guarded('await f(await x, await y);'), 'g(await f(g(await x), g(await y)));');
    assert.equal(guarded('await await x;'), 'g(await g(await x));');
  });

  it('calls the function in each round of a for await loop', () => {
    assert.equal(guarded('for await (const a of b) f(a);'), 'for await (const a of b) {g();f(a);}');
    assert.equal(
      guarded('for await (const a of b) { await f(a); }'),
      'for await (const a of b) {g();{ g(await f(a)); }}',
    );
  });

  it('keeps every line where it is', () => {
    const js = 'const a = await f(\n  await x,\n);\n// await\nconst text = "await y";';
    const lines = guarded(js).split('\n');
    assert.deepEqual(lines, [
      'const a = g(await f(',
      '  g(await x),',
      '));',
      '// await',
      'const text = "await y";',
    ]);
  });

  it('tells whether there is an await at the top level', () => {
    const isAsync = (/** @type {string} */ js) => guardAwaits(js, 'g').isAsync;
    assert.equal(isAsync('async function f() { await x; }'), false);
    assert.equal(isAsync('const f = async () => { for await (const a of b); };'), false);
    assert.equal(isAsync('class A { async m() { await x; } }'), false);
    assert.equal(isAsync('const text = "await";'), false);
    assert.equal(isAsync('if (a) { await x; }'), true);
    assert.equal(isAsync('for await (const a of b) {}'), true);
  });
});
