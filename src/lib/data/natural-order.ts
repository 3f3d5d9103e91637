const collator = new Intl.Collator('en', { numeric: true });

/** Compares names as a person orders them, numbers by value: `2.png` before `10.png`. */
export function naturalOrder(a: string, b: string): number {
  // Names that only differ in ways the collator does not see still need one order.
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
