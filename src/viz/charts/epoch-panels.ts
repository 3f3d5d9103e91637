import { Chart } from './chart';
import { REFERENCE_COLOUR, SERIES_COLOURS, seriesEncoding } from './theme';
import type { ChartSize } from './theme';
import { valueAxis } from './axes';

/** A number followed over the epochs of a run. */
export interface EpochSeries {
  /** For the legend; the same name has the same colour in every panel. */
  name: string;
  /** From epoch 1; what is not finite or not known is left out. */
  values: ArrayLike<number | undefined>;
}

/** One of the charts side by side. */
export interface EpochPanel {
  title: string;
  series: readonly EpochSeries[];
  /** The unit. Default none. */
  yTitle?: string;
  /** `log` leaves out values of 0 or less. Default `linear`, from 0. */
  yScale?: 'linear' | 'log';
}

export interface EpochPanelsOptions {
  title: string;
  subtitle?: string | string[];
  /** A dotted line after this many epochs, e.g. where a phase of the training ends; the subtitle says what it is. */
  mark?: { epoch: number; label: string };
  /** Size of each plotting area. Default 210 x 190. */
  size?: ChartSize;
}

const SIZE: ChartSize = { width: 210, height: 190 };

interface Point {
  series: string;
  epoch: number;
  value: number;
}

/** Several numbers of one run or several by epoch, each in a panel with an axis of its own. */
export async function epochPanels(
  panels: readonly EpochPanel[],
  options: EpochPanelsOptions,
): Promise<Chart> {
  const { title, subtitle, mark, size = SIZE } = options;
  const lines = [subtitle ?? [], mark ? `dotted line: ${mark.label}` : []].flat();
  const points = panels.map(pointsOf);
  const names = panels.flatMap(({ series }) => series.map(({ name }) => name));
  // A lone series is named by its panel's title; colours would only repeat it.
  const encoding = panels.some(({ series }) => series.length > 1)
    ? seriesEncoding('series', names)
    : { color: { value: SERIES_COLOURS[0] } };
  const lastEpoch = Math.max(2, ...points.flat().map(({ epoch }) => epoch));
  return Chart.from(
    {
      title: { text: title, ...(lines.length > 0 ? { subtitle: lines } : {}) },
      spacing: 24,
      hconcat: panels.map((panel, i) => ({
        title: { text: panel.title, fontSize: 11, fontWeight: 'normal' as const, offset: 6 },
        ...size,
        layer: [
          ...(mark ? [markLayer(mark, lastEpoch)] : []),
          {
            data: { values: points[i] },
            mark: { type: 'line' as const },
            encoding: {
              x: { field: 'epoch', ...xAxis(lastEpoch) },
              y: {
                field: 'value',
                type: 'quantitative' as const,
                title: panel.yTitle ?? null,
                ...valueAxis(
                  points[i].map(({ value }) => value),
                  panel.yScale ?? 'linear',
                  5,
                ),
              },
              ...encoding,
              tooltip: [
                { field: 'series', title: 'Series' },
                { field: 'epoch', title: 'Epoch' },
                { field: 'value', title: panel.title, format: '.4~g' },
              ],
            },
          },
        ],
      })),
      resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
    },
    `${title}. ${panels.map(inWords).join(' ')}`,
  );
}

function pointsOf({ series, yScale }: EpochPanel): Point[] {
  return series.flatMap(({ name, values }) =>
    Array.from(values, (value, i) => ({ series: name, epoch: i + 1, value: value ?? NaN })).filter(
      ({ value }) => Number.isFinite(value) && (yScale !== 'log' || value > 0),
    ),
  );
}

function xAxis(lastEpoch: number) {
  return {
    type: 'quantitative' as const,
    title: 'Epoch',
    scale: { domain: [1, lastEpoch], nice: false },
    axis: { tickMinStep: 1, tickCount: 5, grid: false },
  };
}

function markLayer({ epoch, label }: { epoch: number; label: string }, lastEpoch: number) {
  return {
    data: { values: [{ epoch: epoch + 0.5, label }] },
    mark: {
      type: 'rule' as const,
      color: REFERENCE_COLOUR,
      strokeDash: [2, 3],
      strokeWidth: 1,
    },
    encoding: {
      x: { field: 'epoch', ...xAxis(lastEpoch) },
      tooltip: { field: 'label', type: 'nominal' as const },
    },
  };
}

function inWords({ title, series }: EpochPanel): string {
  const ends = series.map(({ name, values }) => {
    const last = values[values.length - 1];
    const value = last === undefined ? 'nothing' : `${Number(last.toPrecision(4))}`;
    return `${name} ${value}`;
  });
  return `${title}, last epoch: ${ends.join(', ')}.`;
}
