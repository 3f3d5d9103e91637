import { Chart } from './chart';
import { SERIES_COLOURS, type ChartSize } from './theme';

/** What one run came to. */
export interface SweepRun {
  /** The weight of the reconstruction loss; may be 0. */
  alpha: number;
  /** By the names that the panels show; a missing one leaves a gap. */
  values: Readonly<Record<string, number | null | undefined>>;
}

export interface AlphaSweepOptions {
  title?: string;
  subtitle?: string;
}

/** Of a panel's plotting area. */
const SIZE: ChartSize = { width: 150, height: 170 };

/**
 * Results over the weight alpha of the reconstruction loss (paper, Table 2), a panel for each number: a dot per run, a
 * line through the means where an alpha has several. The weights stand side by side in their order, so that 0, which a
 * logarithmic axis has no place for, has one.
 *
 * @param numbers which to show, in this order, each with an axis of its own
 * @throws RangeError without runs or numbers
 */
export async function alphaSweep(
  runs: readonly SweepRun[],
  numbers: readonly string[],
  { title = 'Weight of the reconstruction loss', subtitle }: AlphaSweepOptions = {},
): Promise<Chart> {
  if (runs.length === 0 || numbers.length === 0) {
    throw new RangeError('alphaSweep: expected runs and numbers to show, found none');
  }
  const sorted = [...runs].sort((a, b) => a.alpha - b.alpha);
  const alphas = [...new Set(sorted.map(({ alpha }) => alphaName(alpha)))];
  const x = {
    field: 'alpha',
    type: 'ordinal' as const,
    title: 'alpha',
    sort: alphas,
    axis: { labelAngle: 0, grid: false },
  };
  const panels = numbers.map((number) => {
    // In the order of the weights: the line goes from dot to dot as they come.
    const points = sorted.flatMap(({ alpha, values }) => {
      const value = values[number];
      return typeof value === 'number' && Number.isFinite(value)
        ? [{ alpha: alphaName(alpha), value }]
        : [];
    });
    const y = {
      field: 'value',
      type: 'quantitative' as const,
      title: null,
      scale: { zero: false, nice: true },
      axis: { tickCount: 5 },
    };
    return {
      title: { text: number, fontSize: 11, fontWeight: 'normal' as const, offset: 6 },
      ...SIZE,
      data: { values: points },
      layer: [
        {
          mark: { type: 'line' as const, opacity: 0.5 },
          encoding: { x, y: { ...y, aggregate: 'mean' as const } },
        },
        {
          mark: { type: 'point' as const, filled: true, size: 40, color: SERIES_COLOURS[0] },
          encoding: {
            x,
            y,
            tooltip: [
              { field: 'alpha', title: 'alpha' },
              { field: 'value', title: number, format: '.4~g' },
            ],
          },
        },
      ],
    };
  });
  return Chart.from(
    { title: { text: title, subtitle }, spacing: 24, hconcat: panels },
    `${title}: ${numbers.join(', ')} for alpha ${alphas.join(', ')}; ${runs.length} runs.`,
  );
}

function alphaName(alpha: number): string {
  return alpha === 0 ? '0' : alpha.toExponential();
}
