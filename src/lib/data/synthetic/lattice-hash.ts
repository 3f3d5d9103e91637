/**
 * A 32-bit value for a point of the whole-number lattice: the same for the same point and seed,
 * unrelated for any other. Pictures are made of it rather than of a drawn sequence, so that a
 * pattern does not depend on the resolution or the order in which it is looked at.
 */
export function latticeHash(x: number, y: number, seed: number): number {
  let h = seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
