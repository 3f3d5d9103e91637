import type { Chart } from './chart';
import { rateCurve } from './rate-curve';

/** A per-region overlap curve with the normalised area under it. */
export interface ProSeries {
  name: string;
  /** False-positive rates over all defect-free pixels, ascending. */
  fpr: ArrayLike<number>;
  /** Mean share of the defect regions that is found. */
  pro: ArrayLike<number>;
  /** AU-PRO up to a false-positive rate of .3, for the legend. */
  aupro?: number | null;
}

export interface ProChartOptions {
  /** Default "PRO curve". */
  title?: string;
}

/** Up to which false-positive rate AU-PRO is taken. */
const FPR_LIMIT = 0.3;

/** Per-region overlap over the false-positive rate, thinned to what can be seen. */
export async function proChart(
  series: readonly ProSeries[],
  { title = 'PRO curve' }: ProChartOptions = {},
): Promise<Chart> {
  const named = series.map(({ name, fpr, pro, aupro }) => ({
    name: aupro === undefined || aupro === null ? name : `${name} (AU-PRO ${aupro.toFixed(4)})`,
    fpr,
    rate: pro,
  }));
  return rateCurve(named, {
    title,
    xTitle: 'False-positive rate (pixels)',
    yTitle: 'Per-region overlap',
    fprLimit: FPR_LIMIT,
    diagonal: false,
    alt: `${title}: ${named.map(({ name }) => name).join(', ')}.`,
  });
}
