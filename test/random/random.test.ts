import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Random } from '../../src/lib/random/random';

function take(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

describe('Random', () => {
  it('gives the same numbers for a seed everywhere', () => {
    const random = Random.fromSeed(0);
    assert.deepEqual(
      take(3, () => random.next()),
      [0.9571016693784825, 0.3327442054467963, 0.5507674646274918],
    );
  });

  it('takes negative and large seeds, and draws each kind of number from one stream', () => {
    const random = Random.fromSeed(-12345678901234);
    assert.equal(random.next(), 0.5957581522432567);
    assert.equal(random.next(), 0.8015634725514857);
    assert.equal(random.normal(), -0.3625141481482054);
    assert.equal(random.int(1000), 528);
    assert.equal(random.int(2 ** 32), 3903575891);
  });

  it('draws many normal numbers as it draws one after the other', () => {
    const random = Random.fromSeed(3);
    const expected = Float32Array.from({ length: 5 }, () => random.normal());
    assert.deepEqual(Random.fromSeed(3).normals(5), expected);
  });

  it('follows xoroshiro128+ with the constants 24, 16, 37', () => {
    const words = [0x01234567, 0x89abcdef | 0, 0xfedcba98 | 0, 0x76543210];
    const random = Random.fromState({ key: [0, 0, 0, 0], words });
    const mask = (1n << 64n) - 1n;
    const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (64n - k))) & mask;
    let s0 = 0x0123456789abcdefn;
    let s1 = 0xfedcba9876543210n;
    const low32 = () => {
      const sum = Number((s0 + s1) & 0xffffffffn);
      const s = s0 ^ s1;
      s0 = (rotate(s0, 24n) ^ s ^ (s << 16n)) & mask;
      s1 = rotate(s, 37n);
      return sum;
    };
    for (let i = 0; i < 100; i++) {
      const expected = ((low32() >>> 5) * 2 ** 26 + (low32() >>> 6)) / 2 ** 53;
      assert.equal(random.next(), expected);
    }
  });

  it('shuffles a known array into a known order', () => {
    assert.deepEqual(
      Random.fromSeed(7).shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      [6, 7, 5, 8, 2, 0, 3, 1, 4, 9],
    );
  });

  it('keeps every element when shuffling, and leaves the given array alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
        const before = [...items];
        const shuffled = Random.fromSeed(seed).shuffle(items);
        assert.deepEqual(items, before);
        assert.deepEqual([...shuffled].sort(), [...items].sort());
      }),
    );
  });

  it('puts every element in every place about equally often', () => {
    const random = Random.fromSeed(3);
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 8000; i++) {
      random.shuffle([0, 1, 2, 3]).forEach((item, place) => counts[4 * place + item]++);
    }
    for (const count of counts) assert.ok(Math.abs(count - 2000) < 200, `${count} of 8000`);
  });

  it('draws evenly from [0, 1), and normals with mean 0 and deviation 1', () => {
    const random = Random.fromSeed(11);
    const n = 200_000;
    const uniform = take(n, () => random.next());
    const normal = take(n, () => random.normal());
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / n;
    assert.ok(uniform.every((x) => x >= 0 && x < 1));
    assert.ok(Math.abs(mean(uniform) - 1 / 2) < 0.003);
    assert.ok(Math.abs(mean(uniform.map((x) => x * x)) - 1 / 3) < 0.003);
    assert.ok(Math.abs(mean(normal)) < 0.01);
    assert.ok(Math.abs(mean(normal.map((x) => x * x)) - 1) < 0.02);
    assert.ok(Math.abs(mean(normal.map((x) => x ** 4)) - 3) < 0.15);
  });

  it('gives neighbouring seeds unrelated first numbers', () => {
    const first = take(2000, () => 0).map((_, seed) => Random.fromSeed(seed).next() - 0.5);
    let product = 0;
    for (let i = 1; i < first.length; i++) product += first[i] * first[i - 1];
    assert.ok(Math.abs((12 * product) / first.length) < 0.1);
  });

  it('forks by name, whatever was drawn before and in whatever order', () => {
    const fork = Random.fromSeed(7).fork('init');
    assert.deepEqual(
      [fork.next(), fork.normal(), fork.int(10)],
      [0.9890159066025456, -0.5194558739873113, 8],
    );
    const parent = Random.fromSeed(7);
    parent.next();
    parent.fork('shuffle');
    assert.equal(parent.fork('init').next(), 0.9890159066025456);
    assert.notEqual(parent.fork('shuffle').next(), 0.9890159066025456);
    assert.notEqual(Random.fromSeed(8).fork('init').next(), 0.9890159066025456);
    assert.notEqual(parent.fork('a').fork('b').next(), parent.fork('ab').next());
  });

  it('leaves the parent stream as it was when forking', () => {
    const random = Random.fromSeed(0);
    random.fork('anything');
    assert.equal(random.next(), 0.9571016693784825);
  });

  it('goes on exactly from a saved state, forks included', () => {
    const random = Random.fromSeed(5).fork('x');
    take(10, () => random.normal());
    const state = JSON.parse(JSON.stringify(random.state()));
    const resumed = Random.fromState(state);
    assert.deepEqual(
      take(5, () => resumed.normal()),
      take(5, () => random.normal()),
    );
    assert.equal(resumed.fork('y').next(), random.fork('y').next());
  });

  it('refuses a seed, a range or a state that it cannot use', () => {
    assert.throws(() => Random.fromSeed(0.5), /A seed must be a whole number.*found 0\.5/);
    assert.throws(() => Random.fromSeed(NaN), /found NaN/);
    assert.throws(() => Random.fromSeed(0).int(0), /from 1 to 2\^32, found 0/);
    assert.throws(() => Random.fromState({ key: [1, 2, 3, 4], words: [1] }), /4 generator words/);
  });
});
