import { mean } from 'simple-statistics';
import { Random } from '../random/random';

/** Up to so many pairs all signs are tried: 65,536 sums. */
const EXACT_PAIRS = 16;
const DRAWS = 20_000;

/** A paired comparison. */
export interface SignFlip {
  pairs: number;
  /** Mean of the differences. */
  difference: number;
  /** Two-sided; null without a pair. */
  p: number | null;
}

/**
 * The paired permutation test (R. A. Fisher, The Design of Experiments, 1935): were both equally good, each difference
 * could as well have had the other sign. p is the share of all signs whose sum is as far from 0; n pairs cannot give
 * less than 2 / 2^n, so that five seeds never reach 0.05. Beyond 16 pairs signs are drawn, with a fixed seed.
 *
 * @param differences by pair, e.g. of one metric with the same seed and category
 */
export function signFlipTest(differences: readonly number[]): SignFlip {
  const pairs = differences.length;
  if (pairs === 0) return { pairs, difference: 0, p: null };
  const sum = (sign: (i: number) => number) =>
    Math.abs(differences.reduce((total, value, i) => total + sign(i) * value, 0));
  const scale = differences.reduce((total, value) => total + Math.abs(value), 0);
  // Equal sums differ in their last digits by the order of their terms.
  const least = sum(() => 1) - 1e-12 * scale;
  const difference = mean([...differences]);
  let extreme = 0;
  if (pairs <= EXACT_PAIRS) {
    const all = 2 ** pairs;
    for (let signs = 0; signs < all; signs++) {
      if (sum((i) => ((signs >> i) & 1 ? -1 : 1)) >= least) extreme++;
    }
    return { pairs, difference, p: extreme / all };
  }
  const random = Random.fromSeed(0).fork('sign flips');
  for (let draw = 0; draw < DRAWS; draw++) {
    if (sum(() => (random.uniform(0, 1) < 0.5 ? -1 : 1)) >= least) extreme++;
  }
  return { pairs, difference, p: (extreme + 1) / (DRAWS + 1) };
}
