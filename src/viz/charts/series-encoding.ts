import { SERIES_COLOURS, SERIES_DASHES } from './theme';

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
