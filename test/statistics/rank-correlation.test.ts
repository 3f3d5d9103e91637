import assert from 'node:assert/strict';
import { rankCorrelation } from '../../src/lib/statistics/rank-correlation';

describe('rankCorrelation', () => {
  // scipy 1.17: spearmanr(x, y).statistic
  const golden: [number[], number[], number][] = [
    [[1, 2, 3, 4, 5], [5, 6, 7, 8, 7], 0.8207826816681233],
    [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8], 0.19885368120992467],
    [[0.1, 0.2, 0.3], [30, 20, 10], -1],
  ];
  for (const [x, y, expected] of golden) {
    it(`is scipy's for ${x.join(', ')} and ${y.join(', ')}`, () => {
      const found = rankCorrelation(x, y)!;
      assert.ok(Math.abs(found - expected) < 1e-12, `${found}`);
    });
  }

  it('is null where there is no order', () => {
    assert.equal(rankCorrelation([1, 2, 3], [4, 4, 4]), null);
    assert.equal(rankCorrelation([1], [2]), null);
    assert.equal(rankCorrelation([], []), null);
  });

  it('refuses different numbers of values', () => {
    assert.throws(() => rankCorrelation([1, 2], [1]), /as many values of both, found 2 and 1/);
  });
});
