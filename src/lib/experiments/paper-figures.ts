import type { Evaluation } from '../evaluation/evaluate-detector';

/** Which images each of the paper's figures shows, and of what. */
export const COMPARISON_FIGURES = {
  3: { category: 'leather', images: 1, skip: 4 },
  4: { category: 'bottle', images: 4, skip: 0 },
  5: { category: 'leather', images: 4, skip: 0 },
} as const;

export type ComparisonFigure = keyof typeof COMPARISON_FIGURES;

/**
 * The defective images of a figure: with a mask, types of defect in turn, each type's files in their order. Chosen by
 * name, not by what a model makes of them.
 *
 * @returns indices into the test images
 */
export function comparedIndices(
  { samples, masks }: Pick<Evaluation, 'samples' | 'masks'>,
  number: ComparisonFigure,
): number[] {
  const { images, skip } = COMPARISON_FIGURES[number];
  const byType = new Map<string, number[]>();
  samples.forEach(({ defect, label }, i) => {
    if (label === 1 && masks[i]) byType.set(defect, [...(byType.get(defect) ?? []), i]);
  });
  const types = [...byType.keys()].sort();
  const rounds = Math.max(0, ...[...byType.values()].map(({ length }) => length));
  const inTurn = Array.from({ length: rounds }, (_, round) =>
    types.flatMap((type) => (byType.get(type) as number[]).slice(round, round + 1)),
  ).flat();
  // A category with fewer images than that shows the last ones.
  return inTurn.slice(Math.min(skip, Math.max(0, inTurn.length - images))).slice(0, images);
}
