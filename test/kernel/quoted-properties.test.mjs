import assert from 'node:assert/strict';
import { withQuotedProperties } from '../../environment/kernel/quoted-properties.mjs';

describe('withQuotedProperties', () => {
  const cases = [
    ['const { a: b } = f();', "const { 'a': b } = f();"],
    ['const { a: [{ b: c }], d } = f();', "const { 'a': [{ 'b': c }], d } = f();"],
    ['const g = ({ a: b }) => b;', "const g = ({ 'a': b }) => b;"],
    ['({ a: b, c: { d: e } } = f());', "({ 'a': b, 'c': { 'd': e } } = f());"],
    ['[{ a: b }] = f();', "[{ 'a': b }] = f();"],
    ['for ({ a: b } of c) b;', "for ({ 'a': b } of c) b;"],
  ];
  for (const [code, expected] of cases) {
    it(`quotes what is renamed: ${code}`, () => {
      assert.equal(withQuotedProperties(code), expected);
    });
  }

  it('leaves alone what makes an object, names of its own, and what is quoted or computed', () => {
    for (const code of [
      'x = { a: b };',
      'const { a, ...b } = { c: d };',
      "const { 'a': b, [c]: d } = f();",
      'if (a) { b: for (;;) break b; }',
    ]) {
      assert.equal(withQuotedProperties(code), code);
    }
  });
});
