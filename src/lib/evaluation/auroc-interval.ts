/** Two-sided 95 % of the normal distribution. */
const NORMAL_95 = 1.959964;

/**
 * The 95 % interval of an AUROC, from the numbers of good and defective images alone: those true values from which the
 * one measured is not further away than 1.96 of their standard errors. The standard error is Hanley & McNeil's (1982) as
 * Newcombe (2006, method 5) takes it, which is still right where all images are in order, and with few of them: 3 good
 * and 3 defective images in perfect order say no more than "above .50".
 *
 * @param auroc from 0 to 1
 * @throws RangeError for anything else, or unless there are images of both kinds
 */
export function aurocInterval(auroc: number, good: number, defect: number): [number, number] {
  if (!(auroc >= 0 && auroc <= 1)) throw new RangeError(`Expected an AUROC, found ${auroc}.`);
  if (!(good > 0 && defect > 0)) {
    throw new RangeError(
      `Expected good and defective images for an AUROC, found ${good} and ${defect}.`,
    );
  }
  const isCompatible = (truth: number) =>
    Math.abs(auroc - truth) <= NORMAL_95 * standardError(truth, good, defect);
  return [furthest(auroc, 0, isCompatible), furthest(auroc, 1, isCompatible)];
}

function standardError(auroc: number, good: number, defect: number): number {
  const others = (good + defect) / 2 - 1;
  const pairs = (1 - auroc) / (2 - auroc) + auroc / (1 + auroc);
  return Math.sqrt((auroc * (1 - auroc) * (1 + others * pairs)) / (good * defect));
}

/** The last value on the way to an end for which it holds. */
function furthest(from: number, end: number, holds: (value: number) => boolean): number {
  if (holds(end)) return end;
  let [inside, outside] = [from, end];
  for (let i = 0; i < 60; i++) {
    const middle = (inside + outside) / 2;
    if (holds(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}
