import assert from 'node:assert/strict';
import fc from 'fast-check';
import { minMaxRange, sharedScale, toUnit } from '../../../src/viz/scale/scale';

describe('minMaxRange', () => {
  it('gives the smallest and the largest value', () => {
    assert.deepEqual(minMaxRange([3, -1, 2]), { lo: -1, hi: 3 });
  });

  it('leaves out values that are not finite', () => {
    assert.deepEqual(minMaxRange([NaN, 1, Infinity, 2, -Infinity]), { lo: 1, hi: 2 });
  });

  it('gives 0 to 0 for a map without finite values', () => {
    assert.deepEqual(minMaxRange([]), { lo: 0, hi: 0 });
    assert.deepEqual(minMaxRange([NaN]), { lo: 0, hi: 0 });
  });
});

describe('toUnit', () => {
  it('stays within 0 and 1, and keeps the order of the values', () => {
    const values = fc.array(fc.float({ noNaN: true }), { minLength: 1 });
    const bounds = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 });
    fc.assert(
      fc.property(values, bounds, bounds, (map, lo, hi) => {
        const unit = toUnit(map, { lo, hi });
        unit.forEach((u, i) => {
          assert.ok(u >= 0 && u <= 1, `${map[i]} became ${u}`);
          map.forEach((other, j) => assert.ok(!(other < map[i]) || unit[j] <= u));
        });
      }),
    );
  });

  it('spreads a map over its own range from 0 to 1', () => {
    assert.deepEqual([...toUnit([2, 4, 3], minMaxRange([2, 4, 3]))], [0, 1, 0.5]);
  });

  it('gives 0, not NaN, for a constant map on its own range', () => {
    assert.deepEqual([...toUnit([5, 5], minMaxRange([5, 5]))], [0, 0]);
  });

  it('clamps what lies beyond a fixed range', () => {
    assert.deepEqual([...toUnit([-1, 0.5, 9, Infinity], { lo: 0, hi: 1 })], [0, 0.5, 1, 1]);
  });

  it('keeps NaN', () => {
    assert.deepEqual([...toUnit([NaN, 1], { lo: 0, hi: 1 })], [NaN, 1]);
  });
});

describe('sharedScale', () => {
  const ramp = Float32Array.from({ length: 1001 }, (_, i) => i);

  it('ends at the 99.9th percentile of the pixels and starts at 0', () => {
    assert.deepEqual(sharedScale([ramp]), { lo: 0, hi: 999 });
  });

  it('pools the pixels of all maps', () => {
    assert.deepEqual(sharedScale([ramp.subarray(500), ramp.subarray(0, 500)]), { lo: 0, hi: 999 });
  });

  it('interpolates between neighbours', () => {
    assert.equal(sharedScale([Float32Array.of(1, 0)], { quantile: 0.25 }).hi, 0.25);
  });

  it('leaves out pixels that are not finite', () => {
    assert.equal(sharedScale([Float32Array.of(NaN, 2, Infinity)], { quantile: 1 }).hi, 2);
  });

  it('does not change the maps', () => {
    const map = Float32Array.of(3, 1, 2);
    sharedScale([map]);
    assert.deepEqual([...map], [3, 1, 2]);
  });

  it('refuses what has no pixel and a quantile outside of (0, 1]', () => {
    assert.throws(() => sharedScale([]), /no finite pixel/);
    assert.throws(() => sharedScale([Float32Array.of(NaN)]), /no finite pixel/);
    assert.throws(() => sharedScale([ramp], { quantile: 0 }), /quantile in \(0, 1\], found 0/);
  });
});
