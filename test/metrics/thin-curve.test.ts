import assert from 'node:assert/strict';
import fc from 'fast-check';
import { thinCurve } from '../../src/lib/metrics/curve';

describe('thinCurve', () => {
  it('takes all points of a curve that has no more than asked for', () => {
    const points = Float64Array.of(1, 2, 3);
    assert.deepEqual([...thinCurve(points, points, 3)], [0, 1, 2]);
    assert.deepEqual([...thinCurve(new Float64Array(0), new Float64Array(0), 2)], []);
  });

  it('takes the ends alone if asked for two points', () => {
    const points = Float64Array.of(0, 1, 2, 7, 9);
    assert.deepEqual([...thinCurve(points, points, 2)], [0, 4]);
  });

  it('spaces points evenly along the curve, each axis relative to its extent', () => {
    const x = Float64Array.from({ length: 1000 }, (_, i) => i * 1e6);
    const y = Float64Array.from({ length: 1000 }, (_, i) => i * 1e-6);
    assert.deepEqual([...thinCurve(x, y, 5)], [0, 249, 499, 749, 999]);
  });

  it('takes the ends of a curve that does not move', () => {
    const same = new Float64Array(9).fill(4);
    const chosen = thinCurve(same, same, 4);
    assert.deepEqual([chosen[0], chosen.at(-1)], [0, 8]);
    assert.ok(chosen.length <= 4);
  });

  it('never takes more points than asked for, and always the ends', () => {
    const coordinates = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2 });
    fc.assert(
      fc.property(coordinates, fc.integer({ min: 2, max: 20 }), (values, maxPoints) => {
        const y = Float64Array.from(values);
        const x = y.map((_, i) => i);
        const chosen = [...thinCurve(x, y, maxPoints)];
        assert.ok(chosen.length <= maxPoints);
        assert.deepEqual([chosen[0], chosen.at(-1)], [0, values.length - 1]);
        assert.deepEqual(
          chosen,
          [...new Set(chosen)].sort((a, b) => a - b),
        );
      }),
    );
  });

  it('refuses fewer than two points', () => {
    const points = Float64Array.of(1, 2, 3);
    for (const maxPoints of [1, 2.5, NaN]) {
      assert.throws(() => thinCurve(points, points, maxPoints), /^RangeError: Expected an integer/);
    }
  });
});
