/** From `a` at share 0 to `b` at share 1. */
export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
