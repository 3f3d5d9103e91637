import type { Config } from 'vega-lite';
import { FONT_FAMILY } from '../text/font';

/** Colours by Okabe and Ito, distinct with any kind of colour vision; yellow is left out. */
export const SERIES_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];

/** Lines of several series differ in their dashes too, for print without colour. */
const SERIES_DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
  [10, 4],
  [4, 2],
];

/** Good images are blue and defects vermilion in every chart. */
export const GOOD_COLOUR = SERIES_COLOURS[0];
export const DEFECT_COLOUR = SERIES_COLOURS[1];
/** Reference lines and thresholds. */
export const REFERENCE_COLOUR = '#666666';

/** The size of a chart's plotting area in CSS pixels. */
export interface ChartSize {
  width: number;
  height: number;
}

/** For curves over time and distributions. */
export const WIDE: ChartSize = { width: 440, height: 240 };
/** For curves whose axes have the same unit. */
export const SQUARE: ChartSize = { width: 280, height: 280 };

/** The house style of all charts, as Vega-Lite configuration. */
export const theme: Config = {
  background: 'white',
  font: FONT_FAMILY,
  padding: 8,
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'group',
    fontSize: 14,
    subtitleFontSize: 11,
    subtitleColor: '#555555',
    subtitlePadding: 4,
    offset: 10,
  },
  axis: {
    labelFlush: false,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelColor: '#333333',
    titleColor: '#333333',
    domainColor: '#888888',
    tickColor: '#888888',
    gridColor: '#e4e4e4',
  },
  // The same room for short and long labels, so that a chart keeps its size while it is updated.
  axisY: { minExtent: 30 },
  legend: {
    orient: 'bottom',
    direction: 'horizontal',
    title: null,
    labelFontSize: 11,
    labelLimit: 260,
    symbolSize: 120,
    symbolStrokeWidth: 2,
    columnPadding: 16,
  },
  mark: { color: SERIES_COLOURS[0] },
  range: { category: SERIES_COLOURS },
  line: { strokeWidth: 1.8 },
};

/**
 * The encoding that tells series apart by colour and by dashes, with one legend for both: Vega-Lite
 * joins two legends only where their domains are spelled out alike.
 */
export function seriesEncoding(field: string, names: readonly string[], legendColumns?: number) {
  const domain = [...new Set(names)];
  const legend = { title: null, ...(legendColumns ? { columns: legendColumns } : {}) };
  const cycled = <T>(values: readonly T[]): T[] => domain.map((_, i) => values[i % values.length]);
  return {
    color: {
      field,
      type: 'nominal' as const,
      scale: { domain, range: cycled(SERIES_COLOURS) },
      legend,
    },
    strokeDash: {
      field,
      type: 'nominal' as const,
      scale: { domain, range: cycled(SERIES_DASHES) },
      legend,
    },
  };
}
