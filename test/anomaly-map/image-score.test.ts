import assert from 'node:assert/strict';
import { imageScore, nanInMap } from '../../src/lib/anomaly-map/anomaly-map';

describe('imageScore', () => {
  it('is the largest value of the map', () => {
    assert.equal(imageScore(Float32Array.of(0.25, 0.75, 0.5)), 0.75);
    assert.equal(imageScore([-3, -2, -4]), -2);
  });

  it('is NaN when any value is: a broken map must not pass for a normal one', () => {
    assert.ok(Number.isNaN(imageScore([NaN, 1])));
    assert.ok(Number.isNaN(imageScore([1, NaN, 2])));
    assert.ok(Number.isNaN(imageScore([1, NaN])));
  });

  it('is infinite for an infinite value', () => {
    assert.equal(imageScore([1, Infinity]), Infinity);
    assert.equal(imageScore([-Infinity]), -Infinity);
  });

  it('refuses a map without pixels', () => {
    assert.throws(() => imageScore([]), /without pixels has no score/);
  });
});

describe('nanInMap', () => {
  it('says how many pixels are NaN and where the first one is', () => {
    const map = Float32Array.of(1, 2, 3, 4, NaN, NaN);
    assert.equal(nanInMap(map, 3), 'NaN in 2 of 6 pixels, first at x 1, y 1');
  });

  it('is null for numbers, infinite ones among them', () => {
    assert.equal(nanInMap(Float32Array.of(1, Infinity, -0), 3), null);
  });
});
