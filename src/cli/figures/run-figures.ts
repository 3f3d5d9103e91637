import { methodOf } from '../../lib/methods/index';
import { isStudent } from '../../lib/methods/student-teacher';
import { epochsOf } from '../../lib/runs/run-config';
import type { Evaluation } from '../../lib/evaluation/evaluate-detector';
import type { Chart } from '../../viz/charts/chart';
import { lossCurve } from '../../viz/charts/loss-curve';
import { proChart } from '../../viz/charts/pro-chart';
import { rocChart } from '../../viz/charts/roc-chart';
import { scoreHistogram } from '../../viz/charts/score-histogram';
import type { Figure } from '../../viz/figure/figure';
import { comparedImages, levelTitles } from '../../viz/figure/model-comparison';
import { comparisonStrip } from '../../viz/figure/strip';
import type { EvaluatedRun } from '../runs/evaluate-run';
import { methodName } from '../runs/result-record';
import { lossHistory, runCurves } from './run-curves';

/** A figure with the name of its file. */
export interface NamedFigure {
  file: string;
  figure: Figure | Chart;
}

/** All figures of a run, one after the other; a figure for which the test set has no images, or the
 * method no maps, is left out. */
export async function* runFigures(
  evaluated: EvaluatedRun,
  perDefect: number,
): AsyncGenerator<NamedFigure> {
  if (methodOf(evaluated.config.config).hasMaps) yield* strips(evaluated, perDefect);
  yield* charts(evaluated);
}

async function* strips(
  { evaluation, dataset, config }: EvaluatedRun,
  perDefect: number,
): AsyncGenerator<NamedFigure> {
  const images = comparedImages(
    [{ name: methodName(config.config), evaluation }],
    figureImages(evaluation, perDefect),
  );
  // A detector of tiles gives whole maps alone.
  const hasLevels =
    isStudent(config.config) &&
    evaluation.detections.every(({ levelMaps }) => levelMaps.length > 0);
  const options = {
    levelTitles: hasLevels ? levelTitles(config.config.imageSize) : [],
    panelWidth: hasLevels ? 130 : 240,
  };
  yield {
    file: 'maps-paper.png',
    figure: await comparisonStrip(images, {
      ...options,
      title: `${dataset.category}: each map on its own scale`,
    }),
  };
  if (!images.every(({ models: [{ scale }] }) => scale)) return;
  yield {
    file: 'maps.png',
    figure: await comparisonStrip(images, {
      ...options,
      look: 'shared',
      ...(hasLevels ? {} : { scaleLabels: ['median', '99.9th percentile of good images'] }),
      title: `${dataset.category}: one scale for all images`,
    }),
  };
}

async function* charts(evaluated: EvaluatedRun): AsyncGenerator<NamedFigure> {
  const { evaluation, config } = evaluated;
  const lastEpoch = epochsOf(config.config);
  if (lastEpoch > 0) {
    yield { file: 'loss.png', figure: await lossCurve([lossHistory(evaluated)], { lastEpoch }) };
  }
  const { results } = evaluation;
  yield {
    file: 'scores.png',
    // Products of three maps span orders of magnitude.
    figure: await scoreHistogram(
      results.map(({ score }) => score),
      results.map(({ label }) => label),
      { xScale: isStudent(config.config) ? 'log' : 'linear' },
    ),
  };
  const curves = runCurves(evaluated);
  if (curves === null) return;
  yield {
    file: 'roc.png',
    figure: await rocChart([
      { ...curves.imageRoc, name: 'images' },
      ...(curves.pixels ? [{ ...curves.pixels.roc, name: 'pixels' }] : []),
    ]),
  };
  if (!curves.pixels) return;
  yield {
    file: 'pro.png',
    figure: await proChart([{ ...curves.pixels.pro, name: methodName(config.config) }]),
  };
}

/**
 * Which test images the comparison strips show: the first good one, then the first ones of each
 * type of defect. Chosen by name, not by how well the detector does on them.
 *
 * @param perDefect how many of each type
 * @returns indices into the test images
 */
function figureImages({ samples }: Pick<Evaluation, 'samples'>, perDefect: number): number[] {
  const good = samples.findIndex(({ label }) => label === 0);
  const types = new Set(samples.filter(({ label }) => label === 1).map(({ defect }) => defect));
  const defects = [...types].flatMap((type) =>
    samples.flatMap(({ defect }, i) => (defect === type ? [i] : [])).slice(0, perDefect),
  );
  return good < 0 ? defects : [good, ...defects];
}
