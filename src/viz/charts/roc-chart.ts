import type { Chart } from './chart';
import { rateCurve } from './rate-curve';

/** A receiver operating characteristic with the area under it. */
export interface RocSeries {
  /** For example "image level" or a model's name. */
  name: string;
  /** False-positive rates, ascending, from 0 to 1. */
  fpr: ArrayLike<number>;
  /** True-positive rates. */
  tpr: ArrayLike<number>;
  /** The exact area under the whole curve, for the legend. */
  auroc?: number | null;
}

export interface RocChartOptions {
  /** Default "ROC curve". */
  title?: string;
  /** The largest false-positive rate shown, to look into the corner of a good detector. Default 1. */
  fprLimit?: number;
}

/** ROC curves, thinned to what can be seen. */
export async function rocChart(
  series: readonly RocSeries[],
  { title = 'ROC curve', fprLimit = 1 }: RocChartOptions = {},
): Promise<Chart> {
  const named = series.map(({ name, fpr, tpr, auroc }) => ({
    name: auroc === undefined || auroc === null ? name : `${name} (AUROC ${auroc.toFixed(4)})`,
    fpr,
    rate: tpr,
  }));
  return rateCurve(named, {
    title,
    xTitle: 'False-positive rate',
    yTitle: 'True-positive rate',
    fprLimit,
    diagonal: fprLimit === 1,
    alt: `${title}: ${named.map(({ name }) => name).join(', ')}.`,
  });
}
