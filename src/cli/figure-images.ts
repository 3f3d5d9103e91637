import type { Evaluation } from '../lib/evaluation/evaluate-detector';

/**
 * Which test images the comparison strips show: the first good one, then the first ones of each
 * type of defect. Chosen by name, not by how well the detector does on them.
 *
 * @param perDefect how many of each type
 * @returns indices into the test images
 */
export function figureImages(
  { samples }: Pick<Evaluation, 'samples'>,
  perDefect: number,
): number[] {
  const good = samples.findIndex(({ label }) => label === 0);
  const types = new Set(samples.filter(({ label }) => label === 1).map(({ defect }) => defect));
  const defects = [...types].flatMap((type) =>
    samples.flatMap(({ defect }, i) => (defect === type ? [i] : [])).slice(0, perDefect),
  );
  return good < 0 ? defects : [good, ...defects];
}
