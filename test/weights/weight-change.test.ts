import assert from 'node:assert/strict';
import { weightChange } from '../../src/lib/weights/named-arrays';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';

const model = (values: Record<string, number[]>): NamedArrays =>
  new Map(
    Object.entries(values).map(([name, data]) => [
      name,
      { shape: [data.length], data: Float32Array.from(data) },
    ]),
  );

describe('weightChange', () => {
  it('is 0 for the same weights', () => {
    assert.deepEqual(weightChange(model({ a: [3, 4] }), model({ a: [3, 4] })), {
      count: 2,
      changedShare: 0,
      relativeDistance: 0,
    });
  });

  it('gives the share that changed and how far in relation to the length before', () => {
    const change = weightChange(model({ a: [3, 0], b: [4, 0] }), model({ a: [3, 1], b: [4, 0] }));
    assert.deepEqual(change, { count: 4, changedShare: 0.25, relativeDistance: 0.2 });
  });

  it('compares the arrays of the first model alone', () => {
    const change = weightChange(model({ a: [1] }), model({ a: [1], other: [7, 8] }));
    assert.equal(change.count, 1);
  });

  it('names an array that is missing or has another size', () => {
    assert.throws(() => weightChange(model({ a: [1] }), model({})), /"a": expected 1 .*none/);
    assert.throws(() => weightChange(model({ a: [1] }), model({ a: [1, 2] })), /found 2/);
  });

  it('has nothing to say of no weights', () => {
    assert.deepEqual(weightChange(model({}), model({})), {
      count: 0,
      changedShare: 0,
      relativeDistance: 0,
    });
  });
});
