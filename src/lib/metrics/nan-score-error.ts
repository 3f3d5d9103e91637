import type { Scores } from './scores';

/** The error for scores that cannot be ranked: how many are NaN, and where the first ones stand. */
export function nanScoreError(scores: Scores): RangeError {
  const named = 5;
  const first: number[] = [];
  let count = 0;
  scores.forEach((score, i) => {
    if (!Number.isNaN(score)) return;
    if (count++ < named) first.push(i);
  });
  const where = `${first.join(', ')}${count > named ? ', ...' : ''}`;
  return new RangeError(
    `Expected scores that can be ranked, found NaN in ${count} of ${scores.length}, at ${where}.`,
  );
}
