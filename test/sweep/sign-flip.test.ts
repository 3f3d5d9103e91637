import assert from 'node:assert/strict';
import { signFlipTest } from '../../src/lib/sweep/sign-flip';

describe('the paired permutation test', () => {
  it('counts the signs whose sum is as far from 0', () => {
    assert.deepEqual(signFlipTest([]), { pairs: 0, difference: 0, p: null });
    assert.equal(signFlipTest([0.1, 0.2, 0.3]).p, 2 / 8);
    assert.equal(signFlipTest([1, 2, -4]).p, 1);
    assert.equal(signFlipTest([0, 0]).p, 1);
    assert.equal(signFlipTest(Array.from({ length: 10 }, (_, i) => i + 1)).p, 2 / 1024);
  });

  it('draws signs where there are too many', () => {
    const { p } = signFlipTest(Array.from({ length: 20 }, (_, i) => (i % 2 ? 1 : -1)));
    assert.equal(p, 1);
    assert.ok(signFlipTest(Array.from({ length: 20 }, () => 0.1)).p! < 0.001);
  });
});
