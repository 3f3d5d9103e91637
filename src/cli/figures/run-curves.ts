import { pixelScores } from '../../lib/evaluation/evaluate-detector';
import type { Evaluation } from '../../lib/evaluation/evaluate-detector';
import { rankPixels } from '../../lib/evaluation/evaluate-maps';
import { proCurve as proCurveOf } from '../../lib/metrics/pro-curve';
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
  /** Null where there are no maps or no masks. */
  pixels: { roc: RocSeries; pro: ProSeries } | null;
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

/** The curves of a run; null where the test images lack one of the two kinds. */
export function runCurves({ evaluation, name }: EvaluatedRun): RunCurves | null {
  const { metrics, results } = evaluation;
  const { auroc } = metrics.image;
  if (auroc === null) return null;
  const scores = Float64Array.from(results, ({ score }) => score);
  const labels = Uint8Array.from(results, ({ label }) => label);
  const roc = rocCurveOfCounts(thresholdCounts(scores, labels));
  return {
    imageRoc: { name, fpr: roc.falsePositiveRate, tpr: roc.truePositiveRate, auroc },
    pixels: pixelCurves(evaluation, name),
  };
}

function pixelCurves(evaluation: Evaluation, name: string): RunCurves['pixels'] {
  const { auroc, aupro } = evaluation.metrics.pixel;
  if (auroc === null) return null;
  const { images } = evaluation;
  const pixels = pixelScores(evaluation);
  const ranking = rankPixels(pixels);
  const roc = rocCurveOfCounts(thresholdCounts(pixels.scores, pixels.labels, ranking), {
    maxPoints: CURVE_POINTS,
  });
  const pro = proCurveOf(pixels.scores, pixels.labels, {
    width: images.width,
    height: images.height,
    ranking,
    maxPoints: CURVE_POINTS,
  });
  return {
    roc: { name, fpr: roc.falsePositiveRate, tpr: roc.truePositiveRate, auroc },
    pro: { name, fpr: pro.falsePositiveRate, pro: pro.perRegionOverlap, aupro },
  };
}
