import { pixelScores } from '../lib/evaluation/pixel-scores';
import { proCurve as proCurveOf } from '../lib/metrics/pro-curve';
import { rankDescending } from '../lib/metrics/ranking';
import { rocCurveOfCounts } from '../lib/metrics/roc-curve';
import { thresholdCounts } from '../lib/metrics/threshold-counts';
import type { Chart } from '../viz/charts/chart';
import { lossCurve } from '../viz/charts/loss-curve';
import { proCurve } from '../viz/charts/pro-curve';
import { rocCurve } from '../viz/charts/roc-curve';
import { scoreHistogram } from '../viz/charts/score-histogram';
import type { Figure } from '../viz/figure/figure';
import { comparedImages, levelTitles } from '../viz/figure/model-comparison';
import { comparisonStrip } from '../viz/figure/strip';
import type { EvaluatedRun } from './evaluate-run';
import { figureImages } from './figure-images';
import { methodName } from './result-record';

/** A figure with the name of its file. */
export interface NamedFigure {
  file: string;
  figure: Figure | Chart;
}

/** More points than a chart has pixels. */
const CURVE_POINTS = 2000;

/** All figures of a run, one after the other; a figure for which the test set has no images is left out. */
export async function* runFigures(
  evaluated: EvaluatedRun,
  perDefect: number,
): AsyncGenerator<NamedFigure> {
  yield* strips(evaluated, perDefect);
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
  const options = { levelTitles: levelTitles(config.config.imageSize), panelWidth: 130 };
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
      title: `${dataset.category}: one scale for all images`,
    }),
  };
}

async function* charts(evaluated: EvaluatedRun): AsyncGenerator<NamedFigure> {
  const { evaluation, run, name, config } = evaluated;
  const epochs = run.readEpochs();
  yield {
    file: 'loss.png',
    figure: await lossCurve(
      [
        {
          name,
          loss: epochs.map(({ loss }) => loss),
          epochs: epochs.map(({ epoch }) => epoch),
        },
      ],
      { lastEpoch: config.config.epochs },
    ),
  };

  const { metrics, results } = evaluation;
  const scores = Float64Array.from(results, ({ score }) => score);
  const labels = Uint8Array.from(results, ({ label }) => label);
  yield {
    file: 'scores.png',
    // Products of three maps span magnitudes.
    figure: await scoreHistogram(scores, labels, { xScale: 'log' }),
  };
  if (metrics.image.auroc === null || metrics.pixel.auroc === null) return;

  const pixels = pixelScores(evaluation);
  const ranking = rankDescending(pixels.scores);
  const imageRoc = rocCurveOfCounts(thresholdCounts(scores, labels));
  const pixelRoc = rocCurveOfCounts(thresholdCounts(pixels.scores, pixels.labels, ranking), {
    maxPoints: CURVE_POINTS,
  });
  yield {
    file: 'roc.png',
    figure: await rocCurve([
      {
        name: 'images',
        fpr: imageRoc.falsePositiveRate,
        tpr: imageRoc.truePositiveRate,
        auroc: metrics.image.auroc,
      },
      {
        name: 'pixels',
        fpr: pixelRoc.falsePositiveRate,
        tpr: pixelRoc.truePositiveRate,
        auroc: metrics.pixel.auroc,
      },
    ]),
  };
  const { width, height } = evaluation.images;
  const pro = proCurveOf(pixels.scores, pixels.labels, {
    width,
    height,
    ranking,
    maxPoints: CURVE_POINTS,
  });
  yield {
    file: 'pro.png',
    figure: await proCurve([
      {
        name: methodName(config.config),
        fpr: pro.falsePositiveRate,
        pro: pro.perRegionOverlap,
        aupro: metrics.pixel.aupro,
      },
    ]),
  };
}
