import { compareContrasts, mapContrasts } from '../../lib/evaluation/contrast';
import { contrastComparisonTable, contrastTable } from '../tables/contrast-table';
import type { Table } from '../tables/table';
import type { Figure } from './figure';
import {
  comparedImages,
  levelTitles,
  scaleOfGoodImages,
  type EvaluatedModel,
} from './model-comparison';
import { comparisonStrip } from './strip';

export interface ComparisonFiguresOptions {
  /** For example "Figure 4: bottle (MVTec AD)". */
  title: string;
  /** Width of a panel in CSS pixels. Default 120. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

/** Two models on the same images, in two looks, with the numbers. */
export interface ComparisonFigures {
  /** The paper's look: JET, each map on its own scale. */
  paper: Figure;
  /** Each model on the scale of its good images, ground truth outlined; null without good images. */
  shared: Figure | null;
  /** Of the images shown, and the models' means over all defective images; null without good images. */
  shownTable: Table | null;
  overallTable: Table | null;
}

/**
 * The paper's Figures 3 to 5: our model above, STFPM below.
 *
 * @param models evaluated on the same images, with the maps of the levels
 * @param indices of the images to show
 */
export async function comparisonFigures(
  models: readonly [EvaluatedModel, EvaluatedModel],
  indices: readonly number[],
  { title, panelWidth = 120, pixelRatio }: ComparisonFiguresOptions,
): Promise<ComparisonFigures> {
  const images = comparedImages(models, indices);
  const options = {
    levelTitles: levelTitles(models[0].evaluation.images),
    panelWidth,
    pixelRatio,
    imageColumns: indices.length > 2 ? 2 : 1,
  };
  const paper = await comparisonStrip(images, {
    ...options,
    title: `${title}, each map on its own scale`,
  });
  const limits = models.map(({ evaluation }) => scaleOfGoodImages(evaluation)?.product.hi);
  const [first, second] = limits;
  if (first === undefined || second === undefined) {
    return { paper, shared: null, shownTable: null, overallTable: null };
  }
  const shared = await comparisonStrip(images, {
    ...options,
    look: 'shared',
    title: `${title}, each model on the scale of its good images`,
  });
  const names: [string, string] = [models[0].name, models[1].name];
  const ours = mapContrasts(models[0].evaluation, first);
  const theirs = mapContrasts(models[1].evaluation, second);
  const shown = images.map(({ label = '' }, i) => ({
    label,
    contrasts: [ours[indices[i]], theirs[indices[i]]],
  }));
  return {
    paper,
    shared,
    shownTable: contrastTable(names, shown, { title }),
    overallTable: contrastComparisonTable(names, compareContrasts(ours, theirs), {
      title: `${title}: all defective images with a mask`,
    }),
  };
}
