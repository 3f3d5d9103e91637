import { RandomGenerator, unsafeUniformIntDistribution, xoroshiro128plus } from 'pure-rand';

/** What is needed to continue a stream later; survives JSON. */
export interface RandomState {
  /** The stream's name, from which its forks derive. */
  key: number[];
  /** The generator's four 32-bit words. */
  words: number[];
}

/**
 * The one source of randomness: a seeded stream over pure-rand's xoroshiro128+.
 *
 * Equal seeds give equal numbers on every platform. Streams that must not disturb one another
 * (initialisation, shuffling, each image of a data set) are forked by name, so that drawing more
 * from one leaves the others as they were.
 */
export class Random {
  private constructor(
    private readonly key: SeedWords,
    private readonly generator: RandomGenerator,
  ) {}

  /**
   * @param seed a whole number, |seed| < 2^53
   * @throws RangeError for anything else
   */
  static fromSeed(seed: number): Random {
    return Random.fromKey(seedWords(seed));
  }

  /**
   * Continues where `state()` was taken.
   *
   * @throws RangeError when the state does not hold 4 + 4 whole numbers
   */
  static fromState({ key, words }: RandomState): Random {
    for (const part of [key, words]) {
      if (!Array.isArray(part) || part.length !== 4 || !part.every(Number.isInteger)) {
        throw new RangeError('A random state must hold 4 key words and 4 generator words');
      }
    }
    const [a, b, c, d] = key;
    return new Random([a, b, c, d], xoroshiro128plus.fromState(words));
  }

  private static fromKey(key: SeedWords): Random {
    // All-zero is the one state that xoroshiro never leaves.
    const words = key.every((word) => word === 0) ? [1, 0, 0, 0] : [...key];
    return new Random(key, xoroshiro128plus.fromState(words));
  }

  /** A number in [0, 1) with 53 random bits. */
  next(): number {
    const high = this.generator.unsafeNext() >>> 5;
    const low = this.generator.unsafeNext() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A number in [low, high), evenly distributed. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /**
   * A draw from the normal distribution (mean 0, standard deviation 1).
   *
   * Marsaglia's polar method: it needs a square root and a logarithm only, whose results, unlike
   * sines, do not change between versions of V8. The second value of each pair is dropped, so
   * that the state is the generator's alone.
   */
  normal(): number {
    for (;;) {
      const u = 2 * this.next() - 1;
      const v = 2 * this.next() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }

  /** The next draws from the normal distribution. */
  normals(count: number): Float32Array {
    const draws = new Float32Array(count);
    for (let i = 0; i < count; i++) draws[i] = this.normal();
    return draws;
  }

  /**
   * A whole number in [0, n), without bias.
   *
   * @throws RangeError unless 1 <= n <= 2^32
   */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new RangeError(`int(n) needs a whole number from 1 to 2^32, found ${n}`);
    }
    return unsafeUniformIntDistribution(0, n - 1, this.generator);
  }

  /** The elements in random order (Fisher-Yates), as a new array. */
  shuffle<T>(items: ArrayLike<T>): T[] {
    const shuffled = Array.from(items);
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
    }
    return shuffled;
  }

  /** An independent stream; it depends on the seed and the label, not on what was drawn so far. */
  fork(label: string): Random {
    return Random.fromKey(labelWords(this.key, label));
  }

  /** Where the stream stands now. */
  state(): RandomState {
    return { key: [...this.key], words: [...this.generator.getState()] };
  }
}

/** Four 32-bit words: the key that names a random stream, and the size of its generator's state. */
export type SeedWords = readonly [number, number, number, number];

/** Murmur3's finaliser: every input bit reaches every output bit. */
function mix(word: number): number {
  let x = word | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** Takes one 32-bit value into the key; all four words depend on all values absorbed so far. */
function absorb([a, b, c, d]: SeedWords, value: number): SeedWords {
  const e = mix(a ^ Math.imul(value, 0x9e3779b1));
  const f = mix((b + e + 0x7f4a7c15) | 0);
  const g = mix((c + f + 0x6a09e667) | 0);
  const h = mix((d + g + 0x3c6ef372) | 0);
  return [e ^ h, f, g, h];
}

/**
 * The key of a seed. Neighbouring seeds give unrelated keys, which xoroshiro's own seeding by
 * copying the seed into its state does not.
 *
 * @param seed a safe integer, negative ones included
 * @throws RangeError when the seed is not a safe integer
 */
function seedWords(seed: number): SeedWords {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`A seed must be a whole number up to 2^53 - 1, found ${seed}`);
  }
  const high = Math.floor(seed / 2 ** 32);
  const root: SeedWords = [0x243f6a88, 0x05a308d3, 0x13198a2e, 0x03707344];
  return absorb(absorb(root, seed - high * 2 ** 32), high);
}

/** The key of the stream named `label` below the stream with this key. */
function labelWords(key: SeedWords, label: string): SeedWords {
  let words = absorb(key, label.length);
  for (let i = 0; i < label.length; i++) words = absorb(words, label.charCodeAt(i));
  return words;
}
