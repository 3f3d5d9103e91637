/** A number with four digits, which is more than a colour tells, for a short JSON. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
