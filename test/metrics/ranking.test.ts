import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rankDescending, selectRanking } from '../../src/lib/metrics/ranking';
import { arbitraryItems } from './arbitrary-items';

describe('rankDescending', () => {
  it('orders indices from the largest score to the smallest', () => {
    assert.deepEqual([...rankDescending(Float32Array.of(0.5, 2, -1, 1.5)).order], [1, 3, 0, 2]);
    assert.deepEqual([...rankDescending(Float64Array.of(0.5, 2, -1, 1.5)).order], [1, 3, 0, 2]);
  });

  it('groups equal scores, in the order in which they came', () => {
    const { order, groupEnds } = rankDescending(Float32Array.of(1, 3, 1, 3, 2));
    assert.deepEqual([...order], [1, 3, 4, 0, 2]);
    assert.deepEqual([...groupEnds], [2, 3, 5]);
  });

  for (const array of [Float32Array, Float64Array]) {
    it(`takes 0 and -0 in a ${array.name} as equal`, () => {
      const { order, groupEnds } = rankDescending(array.of(-0, 0, -0, 1e-30, -1e-30));
      assert.deepEqual([...order], [3, 0, 1, 2, 4]);
      assert.deepEqual([...groupEnds], [1, 4, 5]);
    });

    it(`ranks infinities in a ${array.name} as extremes`, () => {
      const { order } = rankDescending(array.of(-Infinity, -3e38, 0, Infinity, 3e38));
      assert.deepEqual([...order], [3, 4, 2, 1, 0]);
    });

    it(`refuses NaN in a ${array.name}, saying how many and where`, () => {
      assert.throws(
        () => rankDescending(array.of(1, NaN, 2, NaN)),
        /^RangeError: .*found NaN in 2 of 4, at 1, 3\.$/,
      );
      const many = new array(20).fill(-NaN);
      assert.throws(() => rankDescending(many), /NaN in 20 of 20, at 0, 1, 2, 3, 4, \.\.\.\.$/);
    });

    it(`ranks none of no scores in a ${array.name}`, () => {
      const { order, groupEnds } = rankDescending(new array(0));
      assert.deepEqual([order.length, groupEnds.length], [0, 0]);
    });

    it(`ranks a part of a buffer in a ${array.name}`, () => {
      const part = array.of(9, 1, 3, 2, 9).subarray(1, 4);
      assert.deepEqual([...rankDescending(part).order], [1, 2, 0]);
      assert.deepEqual([...part], [1, 3, 2]);
    });
  }

  it('tells neighbouring doubles apart that are one single-precision number', () => {
    const next = 1 + Number.EPSILON;
    assert.equal(rankDescending(Float64Array.of(1, next)).groupEnds.length, 2);
    assert.equal(rankDescending(Float32Array.of(1, next)).groupEnds.length, 1);
  });

  it('agrees with a stable comparison sort on any doubles', () => {
    const anything = fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(-0, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 60 }), (values) => {
        const expected = values.map((_, i) => i).sort((a, b) => descending(values[a], values[b]));
        const { order, groupEnds } = rankDescending(Float64Array.from(values));
        assert.deepEqual([...order], expected);
        const ends = expected.flatMap((index, k) =>
          k + 1 < expected.length && values[index] === values[expected[k + 1]] ? [] : [k + 1],
        );
        assert.deepEqual([...groupEnds], ends);
      }),
    );
  });

  it('agrees with a stable comparison sort on any floats', () => {
    const anything = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(-0, 0, 1));
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 60 }), (values) => {
        const expected = values.map((_, i) => i).sort((a, b) => descending(values[a], values[b]));
        assert.deepEqual([...rankDescending(Float32Array.from(values)).order], expected);
      }),
    );
  });
});

describe('selectRanking', () => {
  it('equals ranking the part alone', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels: keep }) => {
        const part = selectRanking(rankDescending(scores), keep);
        const kept = [...keep.keys()].filter((i) => keep[i] === 1);
        const alone = rankDescending(Float64Array.from(kept, (i) => scores[i]));
        assert.deepEqual(
          [...part.order],
          Array.from(alone.order, (i) => kept[i]),
        );
        assert.deepEqual([...part.groupEnds], [...alone.groupEnds]);
      }),
    );
  });
});

function descending(a: number, b: number): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}
