import assert from 'node:assert/strict';
import { pairedDifference } from '../../src/lib/evaluation/contrast';
import { Random } from '../../src/lib/random/random';

const differ = (first: number[], second: number[], seed = 0) =>
  pairedDifference(first, second, Random.fromSeed(seed));

describe('pairedDifference', () => {
  it('gives the mean difference and on how many images it has which sign', () => {
    const { mean, above, below } = differ([3, 5, 1, 2], [1, 1, 2, 2]);
    assert.deepEqual({ mean, above, below }, { mean: 1.25, above: 2, below: 1 });
  });

  it('has an interval of no width where every image says the same', () => {
    assert.deepEqual(differ([2, 3, 4], [1, 2, 3]).interval, [1, 1]);
  });

  it('has the interval of the normal approximation where there are many images', () => {
    const random = Random.fromSeed(5);
    const first = Array.from({ length: 400 }, () => random.next());
    const [lower, upper] = differ(first, new Array<number>(400).fill(0.5)).interval;
    // Uniform numbers have the deviation 1 / sqrt(12); 1.96 standard errors to each side.
    const width = (2 * 1.96) / Math.sqrt(12 * 400);
    assert.ok(Math.abs(upper - lower - width) < 0.1 * width, `${upper - lower} for ${width}`);
  });

  it('repeats itself with its seed', () => {
    const first = Array.from({ length: 50 }, (_, i) => Math.sin(i));
    const second = Array.from({ length: 50 }, (_, i) => Math.cos(3 * i));
    assert.deepEqual(differ(first, second, 1), differ(first, second, 1));
    assert.notDeepEqual(differ(first, second, 1).interval, differ(first, second, 2).interval);
  });

  it('refuses lists that do not pair', () => {
    assert.throws(() => differ([1], [1, 2]), /found 1 and 2/);
    assert.throws(() => differ([], []), RangeError);
  });
});
