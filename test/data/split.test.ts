import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseSome, divideImages, splitTrain } from '../../src/lib/data/split';
import type { Divisible, Role } from '../../src/lib/data/split';

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

describe('divideImages', () => {
  const image = (i: number, more: Partial<Divisible> = {}): Divisible => ({
    sha256: `content ${i}`,
    stratum: 'good',
    ...more,
  });
  const count = (roles: readonly Role[], role: Role) =>
    roles.filter((each) => each === role).length;

  it('tests on a fifth, holds out a fifth, and trains on the others', () => {
    for (const images of [10, 25, 209]) {
      const roles = divideImages(
        range(images).map((i) => image(i)),
        { seed: 0 },
      );
      assert.equal(count(roles, 'test'), Math.round(images / 5));
      assert.equal(count(roles, 'held-out'), Math.round(images / 5));
    }
  });

  it('depends on seed and content, and not on order', () => {
    const images = range(40).map((i) => image(i));
    const roles = divideImages(images, { seed: 3 });
    const reversed = divideImages([...images].reverse(), { seed: 3 }).reverse();
    assert.deepEqual(reversed, roles);
    assert.notDeepEqual(divideImages(images, { seed: 4 }), roles);
  });

  it('takes the first images no more often than others', () => {
    const first = range(400).filter(
      (seed) =>
        divideImages(
          range(10).map((i) => image(i)),
          { seed },
        )[0] === 'test',
    );
    // A fifth of 400, give or take four standard deviations.
    assert.ok(Math.abs(first.length - 80) < 32, `${first.length}`);
  });

  it('takes its share of each folder', () => {
    const folders = ['monday', 'tuesday', 'wednesday'];
    const images = range(150).map((i) => image(i, { stratum: folders[i % 3] }));
    for (const seed of range(5)) {
      const roles = divideImages(images, { seed });
      for (const folder of folders) {
        const own = roles.filter((_, i) => images[i].stratum === folder);
        for (const role of ['test', 'held-out'] as const) {
          assert.ok(Math.abs(count(own, role) - 10) <= 1, `${folder}: ${count(own, role)}`);
        }
      }
    }
  });

  it('never divides a group, nor copies of one image', () => {
    const part = fc.record({
      content: fc.integer({ min: 0, max: 30 }),
      part: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 3, maxLength: 60 }), fc.nat(), (parts, seed) => {
        const images = parts.map(({ content, part }) => image(content, { group: `${part}` }));
        const roles = divideImages(images, { seed });
        images.forEach(({ sha256, group }, i) => {
          images.forEach((other, j) => {
            if (other.sha256 === sha256 || other.group === group) assert.equal(roles[i], roles[j]);
          });
        });
        assert.ok(roles.includes('train'));
      }),
    );
  });

  it('tests on the groups that it is told to, and on no more than the share with them', () => {
    const images = range(50).map((i) =>
      image(i, { group: `${Math.floor(i / 5)}`, isTest: i === 7 || i === 20 }),
    );
    const roles = divideImages(images, { seed: 1 });
    assert.deepEqual(
      range(50).filter((i) => roles[i] === 'test'),
      [5, 6, 7, 8, 9, 20, 21, 22, 23, 24],
    );
  });

  it('gives each role an image from three on, and trains on one or two', () => {
    const roles = (images: number) =>
      divideImages(
        range(images).map((i) => image(i)),
        { seed: 0 },
      );
    assert.deepEqual([...roles(3)].sort(), ['held-out', 'test', 'train']);
    assert.deepEqual(roles(2), ['train', 'train']);
  });

  it('refuses shares that leave nothing', () => {
    assert.throws(
      () => divideImages([image(0)], { seed: 0, testShare: 0.5, heldOutShare: 0.5 }),
      /less than 1 together, found 0\.5 and 0\.5/,
    );
  });
});
