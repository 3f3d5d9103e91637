import type { MapContrast, PairedDifference } from '../../lib/evaluation/contrast';
import { Table, type Cell } from './table';

/** One defective image with the numbers of its maps, by model in the order of the table's models. */
export interface ContrastedImage {
  label: string;
  contrasts: readonly (MapContrast | null)[];
}

/** The three numbers, and which way is better. */
const CONTRAST_MEASURES = [
  { name: 'auroc', title: 'AUROC in the image', digits: 4, better: 'higher' },
  { name: 'background', title: 'background', digits: 3, better: 'lower' },
  { name: 'contrast', title: 'contrast', digits: 2, better: 'higher' },
] as const;

export type ContrastMeasure = (typeof CONTRAST_MEASURES)[number]['name'];

const MEANING =
  'Background: mean brightness of the defect-free pixels on the shared scale, 0 to 1. ' +
  'Contrast: median of the defect over median of the background, as a power of ten.';

const UNDEFINED = 'The contrast is undefined (n/a) where one of the two medians is 0.';

/** What the figures show as numbers: image by image, for each model. */
export function contrastTable(
  models: readonly string[],
  images: readonly ContrastedImage[],
  { title }: { title?: string } = {},
): Table {
  const columns = CONTRAST_MEASURES.flatMap(({ title: measure, digits }) =>
    models.map((model) => ({ title: `${measure}: ${model}`, digits })),
  );
  const rows = images.map(({ label, contrasts }): Cell[] => [
    label,
    ...CONTRAST_MEASURES.flatMap(({ name }) => contrasts.map((found) => found?.[name])),
  ]);
  const isUndefined = images.some(({ contrasts }) => contrasts.some((c) => c?.contrast === null));
  const notes = isUndefined ? [MEANING, UNDEFINED] : [MEANING];
  return new Table([{ title: 'Image' }, ...columns], rows, { title, notes });
}

/** The paired comparison of two models over all defective images, a row per measure. */
export interface ContrastComparison {
  measure: ContrastMeasure;
  /** How many images have it in both models, and how many do not. */
  images: number;
  leftOut: number;
  /** Null where no image has it. */
  compared: {
    /** Means of the first and of the second model. */
    means: readonly [number, number];
    /** First - second. */
    difference: PairedDifference;
  } | null;
}

/** Is the first model's picture better than the second's, over all defective images? */
export function contrastComparisonTable(
  models: readonly [string, string],
  comparisons: readonly ContrastComparison[],
  { title }: { title?: string } = {},
): Table {
  const measures = Object.fromEntries(CONTRAST_MEASURES.map((measure) => [measure.name, measure]));
  const signed = (value: number, digits: number): string =>
    `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  return new Table(
    [
      { title: 'Mean over all defective images' },
      ...models.map((model) => ({ title: model })),
      { title: 'difference (95 % interval)' },
      { title: `${models[0]} better on` },
    ],
    comparisons.map(({ measure, images, leftOut, compared }) => {
      const { title, digits, better } = measures[measure];
      const where = leftOut > 0 ? `, on ${images} of ${images + leftOut} images` : '';
      const name = `${title} (${better} is better)${where}`;
      if (!compared) return [name, null, null, null, null];
      const { means, difference } = compared;
      const { above, below, mean, interval } = difference;
      const wins = better === 'higher' ? above : below;
      const losses = better === 'higher' ? below : above;
      return [
        name,
        ...means.map((value) => value.toFixed(digits)),
        `${signed(mean, digits)} (${interval.map((end) => signed(end, digits)).join(' to ')})`,
        `${wins} images, worse on ${losses}`,
      ];
    }),
    {
      title,
      notes: [
        `${MEANING} The interval is over the images, not over seeds: each model is one run.`,
        ...(comparisons.some(({ leftOut }) => leftOut > 0) ? [UNDEFINED] : []),
      ],
    },
  );
}
