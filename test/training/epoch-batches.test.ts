import assert from 'node:assert/strict';
import fc from 'fast-check';
import { epochBatches } from '../../src/lib/training/train';

describe('epochBatches', () => {
  it('shows every image once an epoch, in batches of the size asked for, the last perhaps smaller', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 100 }),
        (count, batchSize, seed, epoch) => {
          const batches = epochBatches(count, batchSize, seed, epoch);
          const inOrder = batches.flat().sort((a, b) => a - b);
          assert.deepEqual(
            inOrder,
            Array.from({ length: count }, (_, i) => i),
          );
          assert.equal(batches.length, Math.ceil(count / batchSize));
          for (const batch of batches.slice(0, -1)) assert.equal(batch.length, batchSize);
        },
      ),
    );
  });

  it('gives the same order for a seed and epoch everywhere', () => {
    assert.deepEqual(epochBatches(7, 3, 0, 1), [[3, 1, 5], [6, 0, 4], [2]]);
  });

  it('orders each epoch, and each seed, anew', () => {
    const first = epochBatches(30, 30, 0, 1);
    assert.notDeepEqual(epochBatches(30, 30, 0, 2), first);
    assert.notDeepEqual(epochBatches(30, 30, 1, 1), first);
  });
});
