import type { Chart } from '../../viz/charts/chart';
import { lossCurve } from '../../viz/charts/loss-curve';
import { proChart } from '../../viz/charts/pro-chart';
import { rocChart } from '../../viz/charts/roc-chart';
import { scoreHistogram } from '../../viz/charts/score-histogram';
import type { EvaluatedRun } from '../runs/evaluate-run';
import { lossHistory, runCurves } from './run-curves';

/** The report's charts: the runs in one chart where they share its axes; scores, which do not, in one each. */
export async function reportCharts(runs: readonly EvaluatedRun[]): Promise<Chart[]> {
  const lastEpoch = Math.max(...runs.map(({ config }) => config.config.epochs));
  const charts = [await lossCurve(runs.map(lossHistory), { lastEpoch, yScale: 'log' })];
  for (const { name, evaluation, threshold } of runs) {
    const { results } = evaluation;
    charts.push(
      await scoreHistogram(
        results.map(({ score }) => score),
        results.map(({ label }) => label),
        {
          // Products of three maps span orders of magnitude.
          xScale: 'log',
          ...(runs.length > 1 ? { subtitle: name } : {}),
          ...(threshold ? { threshold: { value: threshold.value } } : {}),
        },
      ),
    );
  }
  const curves = runs.flatMap((run) => runCurves(run) ?? []);
  if (curves.length === 0) return charts;
  charts.push(
    await rocChart(
      curves.map(({ imageRoc }) => imageRoc),
      { title: 'ROC curve of images' },
    ),
    await rocChart(
      curves.map(({ pixelRoc }) => pixelRoc),
      { title: 'ROC curve of pixels' },
    ),
    await proChart(curves.map(({ pro }) => pro)),
  );
  return charts;
}
