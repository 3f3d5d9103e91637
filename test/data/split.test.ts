import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseSome, splitTrain } from '../../src/lib/data/split';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('splitTrain', () => {
  it('holds out a known fifth for a seed', () => {
    const { train, validation } = splitTrain(range(10), { seed: 0 });
    assert.deepEqual(validation, [1, 6]);
    assert.deepEqual(train, [0, 2, 3, 4, 5, 7, 8, 9]);
  });

  it('holds out 42 of the 209 images of bottle, others for another seed', () => {
    const held = [0, 1, 2].map((seed) => splitTrain(range(209), { seed }).validation);
    for (const part of held) assert.equal(part.length, 42);
    assert.notDeepEqual(held[0], held[1]);
    assert.notDeepEqual(held[1], held[2]);
  });

  it('puts each image in exactly one part, in the given order', () => {
    const share = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), share, fc.integer(), (n, part, seed) => {
        const { train, validation } = splitTrain(range(n), { validationShare: part, seed });
        const ascending = (list: number[]) => [...list].sort((a, b) => a - b);
        assert.deepEqual(ascending(train), train);
        assert.deepEqual(ascending(validation), validation);
        assert.deepEqual(ascending([...train, ...validation]), range(n));
        assert.equal(validation.length > 0, part > 0);
      }),
    );
  });

  it('holds out nothing for a share of zero', () => {
    const { train, validation } = splitTrain(range(3), { validationShare: 0, seed: 1 });
    assert.deepEqual([train, validation], [[0, 1, 2], []]);
  });

  it('refuses a share out of range, and leaving none to train on', () => {
    for (const validationShare of [-0.1, 1, NaN]) {
      assert.throws(
        () => splitTrain(range(9), { validationShare, seed: 0 }),
        /must be in \[0, 1\)/,
      );
    }
    assert.throws(
      () => splitTrain(range(1), { seed: 0 }),
      /Holding out 1 of 1 images leaves none to train on/,
    );
  });
});

describe('chooseSome', () => {
  it('gives a smaller number those of a larger one, in the given order, others for another seed', () => {
    const chosen = [1, 2, 4, 8].map((count) => chooseSome(range(209), count, 3));
    for (const [i, few] of chosen.entries()) {
      assert.equal(new Set(few).size, 2 ** i);
      assert.deepEqual(
        few,
        few.slice().sort((a, b) => a - b),
      );
      if (i > 0) assert.ok(chosen[i - 1].every((image) => few.includes(image)));
    }
    assert.notDeepEqual(chooseSome(range(209), 8, 4), chosen[3]);
  });

  it('refuses more than there are', () => {
    assert.deepEqual(chooseSome(range(3), 3, 0), range(3));
    assert.throws(() => chooseSome(range(3), 4, 0), /at least 4 train images, found 3/);
  });
});
