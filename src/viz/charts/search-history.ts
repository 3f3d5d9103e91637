import { Chart } from './chart';
import { DEFECT_COLOUR, GOOD_COLOUR, REFERENCE_COLOUR, WIDE } from './theme';

/** A trial of a search: what it came to, or null where it was given up before. */
export interface SearchedTrial {
  /** Counted from 0. */
  number: number;
  value: number | null;
}

export interface SearchHistoryOptions {
  title?: string;
  subtitle?: string;
  /** Of the value, e.g. "Image AUROC". */
  axisTitle: string;
}

/**
 * What the trials of a search came to, one after the other: a dot for each, a line along the best so far, a dashed one
 * at the first trial, which is what there was without a search, and a mark at the foot for each that was given up.
 *
 * @throws RangeError where no trial has a value
 */
export async function searchHistory(
  trials: readonly SearchedTrial[],
  { title = 'History of the search', subtitle, axisTitle }: SearchHistoryOptions,
): Promise<Chart> {
  // People count from 1.
  const sorted = trials
    .map(({ number, value }) => ({ number: number + 1, value }))
    .sort((a, b) => a.number - b.number);
  const done = sorted.flatMap(({ number, value }) => (value === null ? [] : [{ number, value }]));
  if (done.length === 0) throw new RangeError('searchHistory: expected values, found none');
  let best = -Infinity;
  const along = done.map(({ number, value }) => ({ number, best: (best = Math.max(best, value)) }));
  const last = sorted[sorted.length - 1].number;
  const x = {
    type: 'quantitative' as const,
    title: 'Trial',
    axis: { tickMinStep: 1, format: 'd', grid: false },
    scale: { domain: [0.5, last + 0.5], nice: false },
  };
  const y = {
    type: 'quantitative' as const,
    title: axisTitle,
    scale: { zero: false, nice: true },
  };
  const givenUp = sorted.filter(({ value }) => value === null);
  return Chart.from(
    {
      title: {
        text: title,
        subtitle: subtitle ?? 'line: best so far; dashed: without a search; mark below: given up',
      },
      ...WIDE,
      layer: [
        {
          data: { values: done.slice(0, done[0].number === 1 ? 1 : 0) },
          mark: { type: 'rule', strokeDash: [4, 3], color: REFERENCE_COLOUR },
          encoding: { y: { field: 'value', ...y } },
        },
        {
          data: { values: [...along, { number: last, best }] },
          mark: { type: 'line', interpolate: 'step-after', color: GOOD_COLOUR },
          encoding: { x: { field: 'number', ...x }, y: { field: 'best', ...y } },
        },
        {
          data: { values: done },
          mark: { type: 'point', filled: true, size: 50, color: GOOD_COLOUR },
          encoding: {
            x: { field: 'number', ...x },
            y: { field: 'value', ...y },
            tooltip: [
              { field: 'number', title: 'Trial' },
              { field: 'value', title: axisTitle, format: '.4f' },
            ],
          },
        },
        {
          data: { values: givenUp },
          mark: { type: 'tick', orient: 'vertical', thickness: 2, color: DEFECT_COLOUR },
          encoding: { x: { field: 'number', ...x }, y: { value: WIDE.height - 8 } },
        },
      ],
    },
    `${title}: ${done.length} trials of ${sorted.length} came to a value, the best ${best.toFixed(4)}` +
      `${done[0].number === 1 ? `, without a search ${done[0].value.toFixed(4)}` : ''}.`,
  );
}
