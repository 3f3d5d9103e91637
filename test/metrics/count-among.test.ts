import assert from 'node:assert/strict';
import fc from 'fast-check';
import { classLevels, countAmong } from '../../src/lib/metrics/count-among';
import { arbitraryItems } from './arbitrary-items';

describe('countAmong', () => {
  it('counts the scores between levels and on them', () => {
    const scores = Float32Array.of(-5, 1, 1, 1.5, 2, 9, 7);
    const labels = Uint8Array.of(0, 0, 0, 0, 0, 0, 1);
    assert.deepEqual(
      [...countAmong(Float32Array.of(1, 2, 3), scores, labels, 0)],
      [1, 2, 1, 1, 0, 0, 1],
    );
  });

  it('takes 0 and -0 as equal, whichever of them is the level', () => {
    const labels = Uint8Array.of(0, 0, 0, 0);
    for (const array of [Float32Array, Float64Array]) {
      const scores = array.of(0, -0, Number.MIN_VALUE * 2 ** 925, -1);
      assert.deepEqual([...countAmong(array.of(0), scores, labels, 0)], [1, 2, 1]);
      assert.deepEqual([...countAmong(array.of(-0), scores, labels, 0)], [1, 2, 1]);
    }
  });

  it('agrees with comparing each score with each level', () => {
    fc.assert(
      fc.property(arbitraryItems(200), fc.boolean(), ({ scores: doubles, labels }, single) => {
        const scores = single ? Float32Array.from(doubles) : doubles;
        const size = labels.filter((label) => label === 1).length;
        const { levels } = classLevels(scores, labels, 1, size);
        const expected = new Array<number>(2 * levels.length + 1).fill(0);
        scores.forEach((score, i) => {
          if (labels[i] !== 0) return;
          const below = levels.filter((level) => level < score).length;
          expected[2 * below + (levels.includes(score) ? 1 : 0)]++;
        });
        assert.deepEqual([...countAmong(levels, scores, labels, 0)], expected);
      }),
    );
  });
});

describe('classLevels', () => {
  it('gives the distinct scores of a class, ascending, and how often each occurs', () => {
    const scores = Float64Array.of(3, -Infinity, 3, 0, 5, -0);
    const { levels, multiplicities } = classLevels(scores, Uint8Array.of(1, 1, 1, 1, 0, 1), 1, 5);
    assert.deepEqual([...levels].map(Number), [-Infinity, -0, 3]);
    assert.deepEqual([...multiplicities], [1, 2, 2]);
  });
});
