import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { EXPERIMENTS } from '../../lib/experiments/studies';
import type { Preset } from '../../lib/experiments/preset';
import { epochsOf } from '../../lib/runs/run-config';
import type { ResultRecord } from '../runs/result-record';

/** What a table says of a row, whoever planned its runs. */
export type TableRow = Pick<Preset, 'name' | 'title' | 'paper' | 'note'>;

/** Runs of one preset that differ in their seed alone. */
export interface Group {
  preset: TableRow;
  epochs: number;
  records: ResultRecord[];
}

/** The preset that a record belongs to. Records of baselines need not name it. */
function presetOf({ preset, config }: ResultRecord): string | undefined {
  if (preset !== undefined) return preset;
  return config.recipe === 'baseline' && config.protocol === 'A'
    ? `baseline-${config.category}`
    : undefined;
}

/**
 * The records of some presets, in the presets' order, longer runs first. Length is what the settings ask for: runs of
 * equal settings may end at different epochs (`patience`) and are one row.
 */
export function groupRecords(
  presets: readonly TableRow[],
  records: readonly ResultRecord[],
): Group[] {
  return presets.flatMap((preset) => {
    const own = records.filter((record) => presetOf(record) === preset.name);
    const lengths = [...new Set(own.map(({ config }) => epochsOf(config)))].sort((a, b) => b - a);
    return lengths.map((epochs) => ({
      preset,
      epochs,
      records: own.filter(({ config }) => epochsOf(config) === epochs),
    }));
  });
}

export interface Column {
  title: string;
  /** The paper's number, where it has one. */
  paper?: (preset: TableRow) => number | null | undefined;
  ours: (record: ResultRecord) => number | null | undefined;
  digits: number;
}

const last = (values: readonly number[] | undefined) => values?.[values.length - 1];

/** The numbers of a table of experiments. */
export const COLUMNS: readonly Column[] = [
  {
    title: 'pixel AUROC',
    paper: ({ paper }) => paper?.pixelAuroc,
    ours: ({ metrics }) => metrics.pixel.auroc,
    digits: 4,
  },
  {
    title: 'image AUROC',
    paper: ({ paper }) => paper?.imageAuroc,
    ours: ({ metrics }) => metrics.image.auroc,
    digits: 4,
  },
  { title: 'AU-PRO', ours: ({ metrics }) => metrics.pixel.aupro, digits: 4 },
  { title: 'AU-PRO 0.05', ours: ({ metrics }) => metrics.pixel.aupro05, digits: 4 },
  { title: 'AUPIMO', ours: ({ metrics }) => metrics.pixel.aupimo, digits: 4 },
  {
    title: 'instance AP',
    ours: ({ metrics }) => metrics.pixel.instanceAveragePrecision,
    digits: 4,
  },
  { title: 'pixel F1-max', ours: ({ metrics }) => metrics.pixel.f1Max, digits: 4 },
  {
    title: 'L_tot',
    paper: ({ paper }) => paper?.finalLoss,
    ours: ({ joint }) => last(joint?.total),
    digits: 3,
  },
  {
    title: 'L_sim per image',
    ours: ({ joint, loss }) => last(joint?.similarity) ?? last(loss),
    digits: 4,
  },
];

/** What a method costs. */
export const COST_COLUMNS: readonly Column[] = [
  { title: 'training, s', ours: ({ seconds }) => seconds, digits: 0 },
  {
    title: 'an image, ms',
    ours: ({ secondsPerImage }) => secondsPerImage && 1000 * secondsPerImage,
    digits: 0,
  },
  { title: 'model, MB', ours: ({ modelBytes }) => modelBytes && modelBytes / 1e6, digits: 1 },
  {
    title: 'memory, MB',
    ours: ({ peakMemoryBytes }) => peakMemoryBytes && peakMemoryBytes / 1e6,
    digits: 0,
  },
];

/** The numbers of a table of methods: those that still tell them apart, and what they cost. */
export const METHOD_COLUMNS: readonly Column[] = [
  { title: 'image AUROC', ours: ({ metrics }) => metrics.image.auroc, digits: 4 },
  { title: 'pixel AUROC', ours: ({ metrics }) => metrics.pixel.auroc, digits: 4 },
  { title: 'pixel AP', ours: ({ metrics }) => metrics.pixel.averagePrecision, digits: 3 },
  {
    title: 'instance AP',
    ours: ({ metrics }) => metrics.pixel.instanceAveragePrecision,
    digits: 3,
  },
  { title: 'pixel F1-max', ours: ({ metrics }) => metrics.pixel.f1Max, digits: 3 },
  { title: 'AU-PRO', ours: ({ metrics }) => metrics.pixel.aupro, digits: 3 },
  { title: 'AU-PRO 0.05', ours: ({ metrics }) => metrics.pixel.aupro05, digits: 3 },
  { title: 'AUPIMO', ours: ({ metrics }) => metrics.pixel.aupimo, digits: 3 },
  ...COST_COLUMNS,
];

/** The columns of an experiment's table. */
export function columnsOf(experiment: keyof typeof EXPERIMENTS): readonly Column[] {
  return experiment === 'methods' || experiment === 'hard' ? METHOD_COLUMNS : COLUMNS;
}

/** Mean and sample standard deviation over the seeds; null where a record lacks the number. */
export function spread(
  { records }: Group,
  { ours }: Column,
): { mean: number; deviation: number | null } | null {
  const values = records.map(ours);
  if (values.some((value) => value === null || value === undefined)) return null;
  const numbers = values as number[];
  return {
    mean: mean(numbers),
    deviation: numbers.length > 1 ? sampleStandardDeviation(numbers) : null,
  };
}

/** What has to be said beside a group's title. */
function remarks({ preset, records }: Group): string[] {
  const { config, dataset } = records[0];
  const parts: string[] = [];
  if (config.augmentedImages > 0) {
    parts.push(
      `few-shot: copies of ${dataset.trainImages} images; not comparable with the paper’s numbers`,
    );
  }
  if (dataset.name !== 'MVTec AD') parts.push(dataset.name);
  if (records.some(({ teacher }) => teacher.kind === 'random')) parts.push('untrained teacher');
  if (records.some(({ teacher }) => teacher.kind === 'embedded')) parts.push('embedded teacher');
  return preset.note === undefined ? parts : [...parts, preset.note];
}

/**
 * Head, rows and notes of a table of experiments, for a terminal or a page. A column for which no run has a number is
 * left out: records from before a metric was there do not have it.
 */
export function experimentTable(
  groups: readonly Group[],
  shown: readonly Column[] = COLUMNS,
): {
  head: string[];
  rows: string[][];
  notes: string[];
} {
  const notes: string[] = [];
  const known = shown.filter(({ ours }) =>
    groups.some(({ records }) => records.some((record) => typeof ours(record) === 'number')),
  );
  const columns = known.map(({ paper, ...column }): Column => {
    const isInPaper = groups.some(({ preset }) => typeof paper?.(preset) === 'number');
    return isInPaper ? { ...column, paper } : column;
  });
  const head = ['', 'epochs', 'seeds'];
  for (const { title, paper } of columns) {
    head.push(title);
    if (paper) head.push('paper', 'difference');
  }
  const rows = groups.map((group) => {
    const { preset, epochs, records } = group;
    const marks = remarks(group).map((remark) => {
      if (!notes.includes(remark)) notes.push(remark);
      return notes.indexOf(remark) + 1;
    });
    const title = marks.length > 0 ? `${preset.title} (${marks.join(', ')})` : preset.title;
    const seeds = records
      .map(({ config }) => config.seed)
      .sort((a, b) => a - b)
      .join(', ');
    return [
      title,
      epochs > 0 ? String(epochs) : '–',
      seeds,
      ...columns.flatMap((column) => cells(group, column)),
    ];
  });
  return { head, rows, notes };
}

function cells(group: Group, column: Column): string[] {
  const { digits, paper } = column;
  const ours = spread(group, column);
  const shown = ours
    ? ours.mean.toFixed(digits) +
      (ours.deviation === null ? '' : ` ± ${ours.deviation.toFixed(digits)}`)
    : '–';
  if (!paper) return [shown];
  const theirs = paper(group.preset);
  if (theirs === undefined || theirs === null) return [shown, '–', '–'];
  const difference = ours ? ours.mean - theirs : null;
  const signed =
    difference === null
      ? '–'
      : `${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(digits)}`;
  return [shown, theirs.toFixed(digits), signed];
}
