import { Chart } from './chart';
import { REFERENCE_COLOUR, SERIES_DASHES, SQUARE, type ChartSize } from './theme';
import { thinCurve } from './thin-curve';

/** A curve over the false-positive rate, ready to be drawn. */
export interface RateSeries {
  name: string;
  /** False-positive rates, ascending. */
  fpr: ArrayLike<number>;
  /** The rate over them: true positives, or region overlap. */
  rate: ArrayLike<number>;
}

export interface RateCurveOptions {
  title: string;
  subtitle?: string | string[];
  xTitle: string;
  yTitle: string;
  /** The largest false-positive rate shown. */
  fprLimit: number;
  /** Whether to draw the line of guessing. */
  diagonal: boolean;
  size?: ChartSize;
  alt: string;
}

/** What ROC and PRO curve have in common: rates over the false-positive rate, thinned. */
export async function rateCurve(
  series: readonly RateSeries[],
  { title, subtitle, xTitle, yTitle, fprLimit, diagonal, size = SQUARE, alt }: RateCurveOptions,
): Promise<Chart> {
  const names = series.map(({ name }) => name);
  const values = series.flatMap(({ name, fpr, rate }) => {
    const curve = thinCurve(fpr, rate, Math.min(1, fprLimit) / 400);
    const firstBeyond = curve.x.findIndex((x) => x > fprLimit);
    const shown = firstBeyond < 0 ? curve.x.length : firstBeyond + 1;
    return Array.from({ length: shown }, (_, i) => ({
      curve: name,
      order: i,
      fpr: Number(curve.x[i].toPrecision(5)),
      rate: Number(curve.y[i].toPrecision(5)),
    }));
  });
  const x = {
    type: 'quantitative' as const,
    title: xTitle,
    scale: { domain: [0, fprLimit], nice: false },
    axis: { tickCount: 5 },
  };
  const y = {
    type: 'quantitative' as const,
    title: yTitle,
    scale: { domain: [0, 1] },
    axis: { tickCount: 5 },
  };
  return Chart.from(
    {
      title: { text: title, ...(subtitle ? { subtitle } : {}) },
      ...size,
      layer: [
        ...(diagonal
          ? [
              {
                data: { values: [0, fprLimit].map((rate) => ({ fpr: rate, rate })) },
                mark: {
                  type: 'line' as const,
                  color: REFERENCE_COLOUR,
                  strokeDash: [2, 3],
                  strokeWidth: 1,
                },
                encoding: { x: { field: 'fpr', ...x }, y: { field: 'rate', ...y } },
              },
            ]
          : []),
        {
          data: { values },
          mark: { type: 'line', clip: true, interpolate: 'linear' },
          encoding: {
            x: { field: 'fpr', ...x },
            y: { field: 'rate', ...y },
            order: { field: 'order', type: 'quantitative' },
            color: { field: 'curve', type: 'nominal', sort: names, legend: { columns: 1 } },
            strokeDash: {
              field: 'curve',
              type: 'nominal',
              sort: names,
              scale: { range: SERIES_DASHES },
            },
            tooltip: [
              { field: 'curve', title: 'Curve' },
              { field: 'fpr', title: xTitle, format: '.3~g' },
              { field: 'rate', title: yTitle, format: '.3~g' },
            ],
          },
        },
      ],
    },
    alt,
  );
}
