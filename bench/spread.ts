import { max, median, min } from 'simple-statistics';

/** The middle of several measurements and how far they lie apart. */
export interface Spread {
  median: number;
  smallest: number;
  largest: number;
}

/** @param values at least one */
export function spread(values: readonly number[]): Spread {
  const list = [...values];
  return { median: median(list), smallest: min(list), largest: max(list) };
}
