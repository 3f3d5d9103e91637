import assert from 'node:assert/strict';
import { imageScore, nanInMap, topMean } from '../../src/lib/anomaly-map/map-values';

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

describe('topMean', () => {
  it('is the mean of the largest values, of one at least', () => {
    const map = Float32Array.of(4, 1, 3, 2, 0, 0, 0, 0);
    assert.equal(topMean(map, 0.25), 3.5);
    assert.equal(topMean(map, 1e-6), 4);
    assert.equal(topMean(map, 1), 1.25);
    assert.deepEqual(map, Float32Array.of(4, 1, 3, 2, 0, 0, 0, 0));
  });

  it('shows NaN, and refuses maps without pixels and other shares', () => {
    assert.ok(Number.isNaN(topMean([1, NaN, 3], 0.5)));
    assert.throws(() => topMean([], 0.5), /without pixels/);
    for (const share of [0, 1.5, NaN]) assert.throws(() => topMean([1], share), /Expected a share/);
  });
});
