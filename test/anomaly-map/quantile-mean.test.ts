import assert from 'node:assert/strict';
import { mapScales, memoryWeights, quantileMean } from '../../src/lib/anomaly-map/quantile-mean';
import type { MapStack } from '../../src/lib/anomaly-map/quantile-mean';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { fill } from '../models/fill';

const { quantileMeans: golden } = readGolden<{
  quantileMeans: { low: number[]; high: number[]; mean: number[]; weighted: number[] };
}>('methods', 'fusion.json');

const stack = (count: number, data: Float32Array): MapStack => ({
  count,
  channels: 3,
  height: 4,
  width: 6,
  data,
});
const good = stack(
  5,
  fill([5, 3, 4, 6], 890, 0.5, 0.5).map((value) => value ** 2),
);
const maps = stack(2, fill([2, 3, 4, 6], 891, 1, 0.5));

describe('mapScales', () => {
  it("has NumPy's quantiles of each map over all good images", () => {
    const scales = mapScales(good);
    const of = (part: 'low' | 'high') => scales.map((scale) => scale[part]);
    assertArraysNear(of('low'), golden.low, 1e-6);
    assertArraysNear(of('high'), golden.high, 1e-6);
  });

  it('refuses maps that do not vary, and those with NaN', () => {
    const constant = { ...good, data: new Float32Array(good.data.length).fill(0.25) };
    assert.throws(() => mapScales(constant), /of map 0 both 0\.25\.$/);
    const broken = { ...good, data: good.data.map((value, i) => (i === 30 ? NaN : value)) };
    assert.throws(() => mapScales(broken), /^RangeError: .*found NaN/);
  });
});

describe('quantileMean', () => {
  it("is NumPy's, with equal weights and with others", () => {
    const scales = mapScales(good);
    assertArraysNear(quantileMean(maps, scales), golden.mean, 1e-6);
    assertArraysNear(quantileMean(maps, scales, [0.25, 0.25, 0.5]), golden.weighted, 1e-6);
  });

  it('is 0 where all maps are at their low quantile, and 1 at the high one', () => {
    const scales = [
      { low: 1, high: 3 },
      { low: -2, high: 8 },
    ];
    const two = { count: 1, channels: 2, height: 1, width: 2, data: Float32Array.of(1, 3, -2, 8) };
    assert.deepEqual(quantileMean(two, scales), Float32Array.of(0, 1));
  });

  it('weighs a memory as much as all levels together', () => {
    assert.deepEqual(memoryWeights(4), [0.125, 0.125, 0.125, 0.125, 0.5]);
  });

  it('refuses other numbers of scales or weights than of maps', () => {
    const scales = mapScales(good);
    assert.throws(() => quantileMean(maps, scales.slice(1)), /found 2 scales and 2 weights\.$/);
    assert.throws(() => quantileMean(maps, scales, [1]), /found 3 scales and 1 weights\.$/);
  });
});
