import { logAxis } from './axes';
import { Chart } from './chart';
import { DEFECT_COLOUR, GOOD_COLOUR, REFERENCE_COLOUR } from './theme';

/** Scores that belong together: of one kind of image, or of one method. */
export interface ScoreRow {
  name: string;
  scores: ArrayLike<number>;
  /** Of each score: 0 good, 1 defect. */
  labels: ArrayLike<number>;
}

export interface ScoreStripOptions {
  title: string;
  subtitle?: string | string[];
  /** Of the scores, e.g. "Mahalanobis distance". Default "Anomaly score". */
  axisTitle?: string;
  /** Scores above this one count as defects; drawn as a line through all rows. */
  threshold?: { value: number; label?: string };
  /** `log` for scores over several orders of magnitude; it leaves out scores of 0 or less. Default `linear`. */
  xScale?: 'linear' | 'log';
}

const ROW_HEIGHT = 26;
const WIDTH = 420;
/** By this factor a logarithmic axis reaches beyond the scores. */
const ROOM = 1.05;

/**
 * A strip chart: a short line for every image's score, row by row, so that no image hides in a bin.
 *
 * @throws RangeError if there is no score, or a row has not as many labels as scores
 */
export async function scoreStrip(
  rows: readonly ScoreRow[],
  { title, subtitle, axisTitle = 'Anomaly score', threshold, xScale = 'linear' }: ScoreStripOptions,
): Promise<Chart> {
  const values = rows.flatMap(({ name, scores, labels }) => {
    if (scores.length !== labels.length) {
      throw new RangeError(
        `scoreStrip: expected as many labels as scores in ${name}, found ${labels.length} and ${scores.length}`,
      );
    }
    return Array.from(scores, (score, i) => ({
      row: name,
      score: Number(score.toPrecision(5)),
      kind: labels[i] ? 'defect' : 'good',
    })).filter(({ score }) => Number.isFinite(score) && (xScale === 'linear' || score > 0));
  });
  if (values.length === 0) throw new RangeError('scoreStrip: expected scores, found none');
  const edges = [...values.map(({ score }) => score), ...(threshold ? [threshold.value] : [])];
  const x = { type: 'quantitative' as const, title: axisTitle, ...scoreAxis(edges, xScale) };
  const marked = threshold ? [{ threshold: threshold.value }] : [];
  return Chart.from(
    {
      // Room for the threshold's label above the rows.
      title: { text: title, ...(subtitle ? { subtitle } : {}), offset: threshold ? 24 : 10 },
      width: WIDTH,
      height: ROW_HEIGHT * rows.length,
      layer: [
        {
          data: { values },
          mark: { type: 'tick', thickness: 1.5, size: 16, opacity: 0.7 },
          encoding: {
            x: { field: 'score', ...x },
            y: {
              field: 'row',
              type: 'nominal',
              title: null,
              sort: rows.map(({ name }) => name),
              axis: { labelLimit: 220, ticks: false, domain: false, grid: true },
            },
            color: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: ['good', 'defect'], range: [GOOD_COLOUR, DEFECT_COLOUR] },
            },
            tooltip: [
              { field: 'row', title: 'Row' },
              { field: 'kind', title: 'Kind' },
              { field: 'score', title: axisTitle, format: '.4~g' },
            ],
          },
        },
        {
          data: { values: marked },
          mark: { type: 'rule', color: REFERENCE_COLOUR, strokeDash: [5, 3], strokeWidth: 1.5 },
          encoding: { x: { field: 'threshold', type: 'quantitative' } },
        },
        {
          data: { values: marked },
          mark: {
            type: 'text',
            text: threshold?.label ?? 'threshold',
            baseline: 'bottom',
            color: REFERENCE_COLOUR,
          },
          encoding: { x: { field: 'threshold', type: 'quantitative' }, y: { value: -3 } },
        },
      ],
    },
    `${title}: ${rows.map(({ name, scores }) => `${name} ${scores.length}`).join(', ')}.`,
  );
}

function scoreAxis(edges: readonly number[], xScale: 'linear' | 'log') {
  if (xScale === 'linear') {
    return { scale: { zero: false, nice: true }, axis: { grid: false, tickCount: 6 } };
  }
  // A little room, so that the outermost lines stand clear of the ends.
  const [lo, hi] = [Math.min(...edges) / ROOM, Math.max(...edges) * ROOM];
  const { domain, ticks } = logAxis([lo, hi], false);
  return {
    scale: { type: 'log' as const, domain, nice: false },
    axis: { grid: false, values: ticks, format: '~g' },
  };
}
