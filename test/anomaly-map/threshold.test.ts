import assert from 'node:assert/strict';
import { isDefective } from '../../src/lib/anomaly-map/threshold';

describe('isDefective', () => {
  it('is for scores above the threshold; one that equals it is good', () => {
    assert.equal(isDefective(0.5, 0.25), true);
    assert.equal(isDefective(0.25, 0.25), false);
    assert.equal(isDefective(0.2, 0.25), false);
    assert.equal(isDefective(Infinity, 0.25), true);
  });

  it('refuses what is not a number, and calls it neither good nor defective', () => {
    assert.throws(() => isDefective(NaN, 0.25), /^RangeError: .*expected a score, found NaN/);
    assert.throws(() => isDefective(0.5, NaN), /^RangeError: .*expected a threshold, found NaN/);
  });
});
