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
export function seedWords(seed: number): SeedWords {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`A seed must be a whole number up to 2^53 - 1, found ${seed}`);
  }
  const high = Math.floor(seed / 2 ** 32);
  const root: SeedWords = [0x243f6a88, 0x05a308d3, 0x13198a2e, 0x03707344];
  return absorb(absorb(root, seed - high * 2 ** 32), high);
}

/** The key of the stream named `label` below the stream with this key. */
export function labelWords(key: SeedWords, label: string): SeedWords {
  let words = absorb(key, label.length);
  for (let i = 0; i < label.length; i++) words = absorb(words, label.charCodeAt(i));
  return words;
}
