import { pixelScores } from '../../lib/evaluation/evaluate-detector';
import { proCurve as proCurveOf } from '../../lib/metrics/pro-curve';
import { rankDescending } from '../../lib/metrics/ranking';
import { rocCurveOfCounts } from '../../lib/metrics/roc-curve';
import { thresholdCounts } from '../../lib/metrics/threshold-counts';
import type { LossHistory } from '../../viz/charts/loss-curve';
import type { ProSeries } from '../../viz/charts/pro-chart';
import type { RocSeries } from '../../viz/charts/roc-chart';
import type { EvaluatedRun } from '../runs/evaluate-run';

/** More points than a chart has pixels. */
const CURVE_POINTS = 2000;

/** The curves of a run on its test images, each under the run's name. */
export interface RunCurves {
  imageRoc: RocSeries;
  pixelRoc: RocSeries;
  pro: ProSeries;
}

/** The loss of a run's epochs. */
export function lossHistory({ run, name }: Pick<EvaluatedRun, 'run' | 'name'>): LossHistory {
  const epochs = run.readEpochs();
  return {
    name,
    loss: epochs.map(({ loss }) => loss),
    epochs: epochs.map(({ epoch }) => epoch),
  };
}

/** The curves of a run; null where the test images lack one of the two kinds, or masks. */
export function runCurves({ evaluation, name }: EvaluatedRun): RunCurves | null {
  const { metrics, results, images } = evaluation;
  if (metrics.image.auroc === null || metrics.pixel.auroc === null) return null;

  const scores = Float64Array.from(results, ({ score }) => score);
  const labels = Uint8Array.from(results, ({ label }) => label);
  const pixels = pixelScores(evaluation);
  const ranking = rankDescending(pixels.scores);
  const imageRoc = rocCurveOfCounts(thresholdCounts(scores, labels));
  const pixelRoc = rocCurveOfCounts(thresholdCounts(pixels.scores, pixels.labels, ranking), {
    maxPoints: CURVE_POINTS,
  });
  const pro = proCurveOf(pixels.scores, pixels.labels, {
    width: images.width,
    height: images.height,
    ranking,
    maxPoints: CURVE_POINTS,
  });
  return {
    imageRoc: {
      name,
      fpr: imageRoc.falsePositiveRate,
      tpr: imageRoc.truePositiveRate,
      auroc: metrics.image.auroc,
    },
    pixelRoc: {
      name,
      fpr: pixelRoc.falsePositiveRate,
      tpr: pixelRoc.truePositiveRate,
      auroc: metrics.pixel.auroc,
    },
    pro: {
      name,
      fpr: pro.falsePositiveRate,
      pro: pro.perRegionOverlap,
      aupro: metrics.pixel.aupro,
    },
  };
}
