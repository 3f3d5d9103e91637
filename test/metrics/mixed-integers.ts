/** Well-mixed 32-bit integers; make_fixtures.py makes the same ones. */
export function mixedIntegers(count: number, seed: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => {
    let x = Math.imul(i + seed, 2654435761);
    x ^= x >>> 15;
    x = Math.imul(x, 2246822519);
    x ^= x >>> 13;
    x = Math.imul(x, 3266489917);
    return x ^ (x >>> 16);
  });
}
