import { Chart } from './chart';
import { logAxis } from './axes';
import { DEFECT_COLOUR, GOOD_COLOUR, REFERENCE_COLOUR, WIDE } from './theme';

export interface ScoreHistogramOptions {
  /** Default "Image scores". */
  title?: string;
  subtitle?: string | string[];
  /** Scores above this one count as defects; drawn as a line. */
  threshold?: { value: number; label?: string };
  /** Number of bins over the range of all scores. Default 30. */
  bins?: number;
  /** `log` for scores over several orders of magnitude; it leaves out scores of 0 or less. Default `linear`. */
  xScale?: 'linear' | 'log';
}

interface Bin {
  from: number;
  to: number;
  count: number;
  kind: 'good' | 'defect';
}

/**
 * Scores of good and defective images as two histograms with common bins.
 *
 * @param scores any scores, higher meaning more anomalous
 * @param labels 0 good, 1 defect, as many as scores
 * @throws RangeError if scores and labels differ in number
 */
export async function scoreHistogram(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options: ScoreHistogramOptions = {},
): Promise<Chart> {
  const { title = 'Image scores', xScale = 'linear', bins = 30, threshold } = options;
  if (scores.length !== labels.length) {
    throw new RangeError(
      `scoreHistogram: expected as many labels as scores, found ${labels.length} and ${scores.length}`,
    );
  }
  const { bins: values, edges: binEdges } = binned(scores, labels, bins, xScale === 'log');
  const edges = threshold ? [...binEdges, threshold.value] : binEdges;
  const x = { title: 'Anomaly score', ...scoreAxis(edges, xScale) };
  const highest = Math.max(1, ...values.map(({ count }) => count));
  const countOf = (kind: string): number =>
    values.reduce((sum, bin) => sum + (bin.kind === kind ? bin.count : 0), 0);
  const marked = threshold ? ` Threshold ${Number(threshold.value.toPrecision(4))}.` : '';
  return Chart.from(
    {
      title: {
        text: title,
        // Room for the threshold's label above the bars.
        ...(threshold ? { offset: 24 } : {}),
        ...(options.subtitle ? { subtitle: options.subtitle } : {}),
      },
      ...WIDE,
      layer: [
        {
          data: { values },
          mark: { type: 'rect', opacity: 0.6, stroke: 'white', strokeWidth: 0.5 },
          encoding: {
            x: { field: 'from', type: 'quantitative', ...x },
            x2: { field: 'to' },
            y: {
              field: 'count',
              type: 'quantitative',
              title: 'Images',
              axis:
                highest <= 5
                  ? { values: Array.from({ length: highest + 1 }, (_, i) => i), format: 'd' }
                  : { tickCount: 6, format: 'd' },
            },
            y2: { datum: 0 },
            color: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: ['good', 'defect'], range: [GOOD_COLOUR, DEFECT_COLOUR] },
            },
            tooltip: [
              { field: 'kind', title: 'Kind' },
              { field: 'count', title: 'Count' },
              { field: 'from', title: 'From', format: '.3~g' },
              { field: 'to', title: 'To', format: '.3~g' },
            ],
          },
        },
        ...(threshold ? thresholdLayers(threshold, x.scale.domain) : []),
      ],
    },
    `${title}: ${countOf('good')} good, ${countOf('defect')} defect.${marked}`,
  );
}

function binned(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins: number,
  log: boolean,
): { bins: Bin[]; edges: number[] } {
  const position = (score: number): number => (log ? Math.log10(score) : score);
  const value = (at: number): number => (log ? 10 ** at : at);
  const usable = Array.from(scores, (score, i) => ({
    at: position(score),
    label: labels[i],
  })).filter(({ at }) => Number.isFinite(at));
  if (usable.length === 0) return { bins: [], edges: [] };
  let lo = usable.reduce((least, { at }) => Math.min(least, at), Infinity);
  let hi = usable.reduce((most, { at }) => Math.max(most, at), -Infinity);
  if (lo === hi) {
    // One value only: room around it, so that its bin looks like one.
    const room = Math.abs(lo) * 0.05 || 0.05;
    lo -= room;
    hi += room;
  }
  const width = (hi - lo) / bins;
  const counts = { good: new Float64Array(bins), defect: new Float64Array(bins) };
  for (const { at, label } of usable) {
    const bin = Math.min(bins - 1, Math.floor((at - lo) / width));
    counts[label ? 'defect' : 'good'][bin]++;
  }
  const filled = (['good', 'defect'] as const).flatMap((kind) =>
    Array.from(counts[kind], (count, i) => ({
      from: value(lo + i * width),
      to: value(lo + (i + 1) * width),
      count,
      kind,
    })).filter(({ count }) => count > 0),
  );
  return { bins: filled, edges: [value(lo), value(hi)] };
}

function scoreAxis(edges: readonly number[], xScale: 'linear' | 'log') {
  if (xScale === 'log') {
    const { domain, ticks } = logAxis(edges, false);
    return {
      scale: { type: 'log' as const, domain, nice: false },
      axis: { grid: false, values: ticks, format: '~g' },
    };
  }
  const lo = edges.reduce((least, edge) => Math.min(least, edge), Infinity);
  const hi = edges.reduce((most, edge) => Math.max(most, edge), -Infinity);
  const domain: [number, number] = lo < hi ? [lo, hi] : [0, 1];
  return {
    scale: { type: 'linear' as const, domain, nice: false, zero: false },
    axis: { grid: false, tickCount: 6 },
  };
}

function thresholdLayers(
  { value, label = 'threshold' }: { value: number; label?: string },
  [lo, hi]: readonly [number, number],
) {
  const data = { values: [{ threshold: value }] };
  const x = { field: 'threshold', type: 'quantitative' as const };
  return [
    {
      data,
      mark: {
        type: 'rule' as const,
        color: REFERENCE_COLOUR,
        strokeDash: [5, 3],
        strokeWidth: 1.5,
      },
      encoding: { x },
    },
    {
      data,
      mark: {
        type: 'text' as const,
        text: label,
        // Towards the middle, where there is room.
        align: value < (lo + hi) / 2 ? ('left' as const) : ('right' as const),
        baseline: 'bottom' as const,
        color: REFERENCE_COLOUR,
      },
      encoding: { x, y: { value: -3 } },
    },
  ];
}
