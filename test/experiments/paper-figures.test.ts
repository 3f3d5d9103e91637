import assert from 'node:assert/strict';
import type { Sample } from '../../src/lib/data/sample';
import { comparedIndices } from '../../src/lib/experiments/paper-figures';

/** One sample a letter: g good, upper case a defect type with a mask, x a defect without one. */
function testSet(kinds: string) {
  const samples = [...kinds].map((kind, i): Sample => ({
    file: `${i}.png`,
    category: 'letters',
    split: 'test',
    defect: kind === 'g' ? 'good' : kind,
    label: kind === 'g' ? 0 : 1,
    maskFile: null,
  }));
  const mask = { width: 1, height: 1, data: Uint8Array.of(1) };
  return { samples, masks: [...kinds].map((kind) => (/[A-Z]/.test(kind) ? mask : null)) };
}

describe('comparedIndices', () => {
  it('takes the types of defect in turn, by their names, without good images', () => {
    assert.deepEqual(comparedIndices(testSet('gBBBAACg'), 4), [4, 1, 6, 5]);
  });

  it('leaves out defects without a mask, which could not be outlined', () => {
    assert.deepEqual(comparedIndices(testSet('xxAxB'), 4), [2, 4]);
  });

  it('shows another leather in Figure 3 than in Figure 5, where there are enough', () => {
    assert.deepEqual(comparedIndices(testSet('ABCDEg'), 5), [0, 1, 2, 3]);
    assert.deepEqual(comparedIndices(testSet('ABCDEg'), 3), [4]);
    assert.deepEqual(comparedIndices(testSet('ABg'), 3), [1]);
  });

  it('has nothing to show of good images', () => {
    assert.deepEqual(comparedIndices(testSet('ggg'), 4), []);
  });
});
