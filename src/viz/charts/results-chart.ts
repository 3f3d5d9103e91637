import { Chart } from './chart';
import { DEFECT_COLOUR, GOOD_COLOUR } from './theme';

/** A row of the table: what the paper reports, and what runs here came to. */
export interface ResultsRow {
  title: string;
  paper?: number | null;
  /** One number per run; none where there is no run. */
  ours: readonly number[];
}

export interface ResultsChartOptions {
  title?: string;
  subtitle?: string;
  /** Of the number, e.g. "Pixel AUROC". */
  axisTitle: string;
}

const ROW_HEIGHT = 24;
const WIDTH = 360;

/**
 * A results table as a picture: a line for each row, the paper's number as a diamond, each run here as a dot, and
 * between the paper and the runs' mean a stroke as long as they differ.
 *
 * @throws RangeError if there is no number at all
 */
export async function resultsChart(
  rows: readonly ResultsRow[],
  { title = 'Results beside the paper', subtitle, axisTitle }: ResultsChartOptions,
): Promise<Chart> {
  const points = rows.flatMap(({ title: row, paper, ours }) => [
    ...(typeof paper === 'number' ? [{ row, value: paper, source: 'paper' }] : []),
    ...ours.map((value) => ({ row, value, source: 'here, one dot a run' })),
  ]);
  if (points.length === 0) throw new RangeError('resultsChart: expected numbers, found none');
  const strokes = rows.flatMap(({ title: row, paper, ours }) =>
    typeof paper === 'number' && ours.length > 0
      ? [{ row, from: paper, to: ours.reduce((sum, value) => sum + value, 0) / ours.length }]
      : [],
  );
  const y = {
    field: 'row',
    type: 'nominal' as const,
    title: null,
    sort: rows.map(({ title: row }) => row),
    axis: { labelLimit: 260, grid: true, ticks: false, domain: false },
  };
  const x = { type: 'quantitative' as const, title: axisTitle, scale: { zero: false, nice: true } };
  const series = [
    { source: 'paper', colour: DEFECT_COLOUR, shape: 'diamond' },
    { source: 'here, one dot a run', colour: GOOD_COLOUR, shape: 'circle' },
  ].filter(({ source }) => points.some((point) => point.source === source));
  const sources = series.map(({ source }) => source);
  return Chart.from(
    {
      title: { text: title, subtitle },
      width: WIDTH,
      height: ROW_HEIGHT * rows.length,
      layer: [
        {
          data: { values: strokes },
          mark: { type: 'rule', strokeWidth: 2, color: '#bbbbbb' },
          encoding: { y, x: { field: 'from', ...x }, x2: { field: 'to' } },
        },
        {
          data: { values: points },
          mark: { type: 'point', filled: true, size: 60 },
          encoding: {
            y,
            x: { field: 'value', ...x },
            color: {
              field: 'source',
              type: 'nominal',
              scale: { domain: sources, range: series.map(({ colour }) => colour) },
            },
            shape: {
              field: 'source',
              type: 'nominal',
              scale: { domain: sources, range: series.map(({ shape }) => shape) },
            },
            tooltip: [
              { field: 'row', title: 'Row' },
              { field: 'source', title: 'Source' },
              { field: 'value', title: axisTitle, format: '.4f' },
            ],
          },
        },
      ],
    },
    `${title}, ${axisTitle}: ${rows.map(inWords).join('; ')}.`,
  );
}

function inWords({ title, paper, ours }: ResultsRow): string {
  const here = ours.length > 0 ? ours.map((value) => value.toFixed(4)).join(' and ') : 'no run';
  return `${title}: ${typeof paper === 'number' ? `paper ${paper.toFixed(4)}, ` : ''}here ${here}`;
}
