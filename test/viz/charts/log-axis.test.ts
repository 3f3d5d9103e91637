import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logAxis } from '../../../src/viz/charts/axes';

describe('logAxis', () => {
  it('has ticks at 1, 2 and 5 over few decades', () => {
    assert.deepEqual(logAxis([0.13, 3.2], true), {
      domain: [0.1, 5],
      ticks: [0.1, 0.2, 0.5, 1, 2, 5],
    });
  });

  it('has ticks at the powers of ten over many', () => {
    assert.deepEqual(logAxis([2e-4, 0.3], true).ticks, [1e-4, 1e-3, 0.01, 0.1, 1]);
  });

  it("keeps the values' own domain unless it is to be nice", () => {
    assert.deepEqual(logAxis([0.13, 3.2], false), {
      domain: [0.13, 3.2],
      ticks: [0.2, 0.5, 1, 2],
    });
  });

  it('has room around a single value', () => {
    const { domain } = logAxis([1], true);
    assert.ok(domain[0] < domain[1]);
  });

  it('leaves out what has no logarithm', () => {
    assert.deepEqual(logAxis([0, -1, NaN, 1, 2], true).domain, [1, 2]);
    assert.deepEqual(logAxis([], true).domain, [0.1, 1]);
  });

  it('covers all values, with at least two ticks where it is nice', () => {
    const values = fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (positive) => {
        const { domain, ticks } = logAxis(positive, true);
        assert.ok(positive.every((value) => value >= domain[0] && value <= domain[1]));
        assert.ok(ticks.length >= 2 && ticks.length <= 25);
        assert.equal(ticks[0], domain[0]);
        assert.equal(ticks[ticks.length - 1], domain[1]);
      }),
    );
  });
});
