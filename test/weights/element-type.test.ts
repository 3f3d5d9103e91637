import assert from 'node:assert/strict';
import fc from 'fast-check';
import { narrowToHalves, widenHalves } from '../../src/lib/weights/element-type';

function narrow(...values: number[]): number[] {
  return [...narrowToHalves(new Float32Array(values))];
}

describe('16-bit floats', () => {
  it('knows the numbers of the standard', () => {
    assert.deepEqual(
      [...widenHalves(Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x03ff, 0x0001))],
      [1, -2, 0.333251953125, 65504, 2 ** -14, 1023 * 2 ** -24, 2 ** -24],
    );
    assert.deepEqual(
      [...widenHalves(Uint16Array.of(0x0000, 0x8000, 0x7c00, 0xfc00, 0x7e00))],
      [0, -0, Infinity, -Infinity, NaN],
    );
  });

  it('takes every half that is a number to a float and back', () => {
    const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7fff) <= 0x7c00,
    );
    assert.deepEqual(narrowToHalves(widenHalves(halves)), halves);
  });

  it('rounds half way to the even neighbour', () => {
    assert.deepEqual(narrow(1 + 2 ** -11, 1 + 3 * 2 ** -11), [0x3c00, 0x3c02]);
    assert.deepEqual(narrow(2 ** -25, 3 * 2 ** -25), [0x0000, 0x0002]);
    assert.deepEqual(narrow(2047.5, 65519), [0x6800, 0x7bff]);
  });

  it('makes infinity of what is too large, and keeps NaN', () => {
    assert.deepEqual(narrow(65520, -1e30, Infinity, NaN), [0x7c00, 0xfc00, 0x7c00, 0x7e00]);
  });

  it('is never further off than half a step', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const [rounded] = widenHalves(narrowToHalves(new Float32Array([value])));
        const exponent = Math.max(Math.floor(Math.log2(Math.abs(value) || 2 ** -24)), -14);
        assert.ok(Math.abs(rounded - value) <= 2 ** (exponent - 11));
      }),
    );
  });
});
