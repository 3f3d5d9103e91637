import assert from 'node:assert/strict';
import fc from 'fast-check';
import { visiblePoints } from '../../../src/viz/charts/visible-points';

describe('visiblePoints', () => {
  const increasing = fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 200 })
    .map((values) => values.sort((a, b) => a - b));

  it('keeps a point within the tolerance of every point left out', () => {
    fc.assert(
      fc.property(increasing, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (x, tolerance) => {
        const y = x.map(Math.sqrt);
        const thin = visiblePoints(x, y, tolerance);
        x.forEach((value, i) => {
          const near = [...thin.x].some(
            (kept, k) =>
              Math.abs(kept - value) <= tolerance && Math.abs(thin.y[k] - y[i]) <= tolerance,
          );
          assert.ok(near, `point ${i}`);
        });
      }),
    );
  });

  it('keeps first and last point, and the order', () => {
    fc.assert(
      fc.property(increasing, (x) => {
        const thin = visiblePoints(x, x, 0.1);
        assert.equal(thin.x[0], x[0]);
        assert.equal(thin.x[thin.x.length - 1], x[x.length - 1]);
        thin.x.forEach((value, i) => assert.ok(i === 0 || thin.x[i - 1] <= value));
      }),
    );
  });

  it('keeps both ends of a jump, so that a step stays a step', () => {
    const x = [0, 0.01, 0.02, 0.02, 0.03];
    const y = [0, 0, 0, 1, 1];
    const thin = visiblePoints(x, y, 0.1);
    assert.deepEqual([...thin.x], [0, 0.02, 0.02, 0.03]);
    assert.deepEqual([...thin.y], [0, 0, 1, 1]);
  });

  it('keeps few of very many points', () => {
    const x = Float64Array.from({ length: 100_000 }, (_, i) => i / 99_999);
    assert.ok(visiblePoints(x, x, 1 / 400).x.length < 1700);
  });

  it('takes curves of no point and of one', () => {
    assert.equal(visiblePoints([], [], 0.1).x.length, 0);
    assert.deepEqual([...visiblePoints([0.5], [0.2], 0.1).y], [0.2]);
  });

  it('refuses coordinates that differ in number', () => {
    assert.throws(() => visiblePoints([1], [], 0.1), /found 0 and 1/);
  });
});
