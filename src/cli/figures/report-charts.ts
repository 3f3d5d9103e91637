import { isStudent } from '../../lib/methods/student-teacher';
import { epochsOf } from '../../lib/runs/run-config';
import type { Chart } from '../../viz/charts/chart';
import { lossCurve } from '../../viz/charts/loss-curve';
import { proChart } from '../../viz/charts/pro-chart';
import { rocChart } from '../../viz/charts/roc-chart';
import { scoreHistogram } from '../../viz/charts/score-histogram';
import type { EvaluatedRun } from '../runs/evaluate-run';
import { lossHistory, runCurves } from './run-curves';

/** The report's charts: the runs in one chart where they share its axes; scores, which do not, in one each. */
export async function reportCharts(runs: readonly EvaluatedRun[]): Promise<Chart[]> {
  const trained = runs.filter(({ config }) => epochsOf(config.config) > 0);
  const lastEpoch = Math.max(...trained.map(({ config }) => epochsOf(config.config)));
  const charts =
    trained.length > 0
      ? [await lossCurve(trained.map(lossHistory), { lastEpoch, yScale: 'log' })]
      : [];
  for (const { name, config, evaluation, threshold } of runs) {
    const { results } = evaluation;
    charts.push(
      await scoreHistogram(
        results.map(({ score }) => score),
        results.map(({ label }) => label),
        {
          // Products of three maps span orders of magnitude.
          xScale: isStudent(config.config) ? 'log' : 'linear',
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
  );
  const pixels = curves.flatMap((each) => each.pixels ?? []);
  if (pixels.length === 0) return charts;
  charts.push(
    await rocChart(
      pixels.map(({ roc }) => roc),
      { title: 'ROC curve of pixels' },
    ),
    await proChart(pixels.map(({ pro }) => pro)),
  );
  return charts;
}
