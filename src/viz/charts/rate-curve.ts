import { Chart } from './chart';
import { REFERENCE_COLOUR, seriesEncoding, SQUARE } from './theme';
import { visiblePoints, type Curve } from './visible-points';

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
  xTitle: string;
  yTitle: string;
  /** The largest false-positive rate shown. */
  fprLimit: number;
  /** Whether to draw the line of guessing. */
  diagonal: boolean;
  alt: string;
}

/** Share of the axis that a point must move to be kept: about a pixel and a half. */
const TOLERANCE = 1 / 200;

/** What ROC and PRO curve have in common: rates over the false-positive rate, thinned. */
export async function rateCurve(
  series: readonly RateSeries[],
  { title, xTitle, yTitle, fprLimit, diagonal, alt }: RateCurveOptions,
): Promise<Chart> {
  const names = series.map(({ name }) => name);
  const values = series.flatMap(({ name, fpr, rate }) => {
    const { x, y } = upTo(fprLimit, fpr, rate);
    const curve = visiblePoints(x, y, TOLERANCE * fprLimit);
    return Array.from(curve.x, (_, i) => ({
      curve: name,
      order: i,
      fpr: Number(curve.x[i].toPrecision(4)),
      rate: Number(curve.y[i].toPrecision(4)),
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
      title: { text: title },
      ...SQUARE,
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
          mark: { type: 'line' },
          encoding: {
            x: { field: 'fpr', ...x },
            y: { field: 'rate', ...y },
            order: { field: 'order', type: 'quantitative' },
            ...seriesEncoding('curve', names, 1),
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

/** The curve up to a false-positive rate, with its interpolated point there. */
function upTo(limit: number, fpr: ArrayLike<number>, rate: ArrayLike<number>): Curve {
  let beyond = 0;
  while (beyond < fpr.length && fpr[beyond] <= limit) beyond++;
  const cut = beyond > 0 && beyond < fpr.length && fpr[beyond - 1] < limit;
  const x = new Float64Array(beyond + (cut ? 1 : 0));
  const y = new Float64Array(x.length);
  for (let i = 0; i < beyond; i++) {
    x[i] = fpr[i];
    y[i] = rate[i];
  }
  if (cut) {
    const share = (limit - fpr[beyond - 1]) / (fpr[beyond] - fpr[beyond - 1]);
    x[beyond] = limit;
    y[beyond] = rate[beyond - 1] + share * (rate[beyond] - rate[beyond - 1]);
  }
  return { x, y };
}
