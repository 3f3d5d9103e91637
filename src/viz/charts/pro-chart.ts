import type { Chart } from './chart';
import { rateCurve } from './rate-curve';
import type { ChartSize } from './theme';

/** A per-region overlap curve with the normalised area under it. */
export interface ProSeries {
  name: string;
  /** False-positive rates over all defect-free pixels, ascending. */
  fpr: ArrayLike<number>;
  /** Mean share of the defect regions that is found. */
  pro: ArrayLike<number>;
  /** AU-PRO up to the limit, for the legend. */
  aupro?: number | null;
}

export interface ProChartOptions {
  /** Default "PRO curve". */
  title?: string;
  subtitle?: string | string[];
  /** The largest false-positive rate, up to which AU-PRO is taken. Default .3. */
  fprLimit?: number;
  /** Size of the plotting area. Default 280 x 280. */
  size?: ChartSize;
}

/** Per-region overlap over the false-positive rate, thinned to what can be seen. */
export async function proChart(
  series: readonly ProSeries[],
  { title = 'PRO curve', subtitle, fprLimit = 0.3, size }: ProChartOptions = {},
): Promise<Chart> {
  const named = series.map(({ name, fpr, pro, aupro }) => ({
    name: aupro === undefined || aupro === null ? name : `${name} (AU-PRO ${aupro.toFixed(4)})`,
    fpr,
    rate: pro,
  }));
  return rateCurve(named, {
    title,
    subtitle,
    xTitle: 'False-positive rate (pixels)',
    yTitle: 'Per-region overlap',
    fprLimit,
    diagonal: false,
    size,
    alt: `${title}: ${named.map(({ name }) => name).join(', ')}.`,
  });
}
