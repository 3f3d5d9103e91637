import type { Comparison, Side } from './compare';
import { DISTURBED } from './compare';
import type { Machine } from './machine';
import type { Spread } from './spread';

export interface Report {
  date: string;
  /** Fewer rounds and smaller sizes: good for a look, not for a claim. */
  quick: boolean;
  rounds: number;
  threads: number;
  machine: Machine;
  /** By program, then by library. */
  versions: Record<string, Record<string, string>>;
  rows: Comparison[];
  /** Rows whose peer does not work on this machine. */
  leftOut: { title: string; why: string }[];
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

const range = (values: Spread) =>
  `${digits(values.median)} (${digits(values.smallest)} to ${digits(values.largest)})`;

function time({ seconds }: Side, images: number | undefined): string {
  const scale = images === undefined ? 1000 : 1000 / images;
  const scaled = {
    median: seconds.median * scale,
    smallest: seconds.smallest * scale,
    largest: seconds.largest * scale,
  };
  return `${range(scaled)} ms${images === undefined ? '' : ' an image'}`;
}

const gigabytes = ({ peakBytes }: Side) => `${(peakBytes / 1e9).toFixed(1)} GB`;

const percent = ({ shareOfSgemm }: Side) =>
  shareOfSgemm === undefined ? '' : `${Math.round(shareOfSgemm * 100)} %`;

function row(comparison: Comparison): string[] {
  const { title, ours, theirs, images, timeRatio, difference, sameResult } = comparison;
  return [
    title,
    time(ours, images),
    `${time(theirs, images)} (${theirs.name})`,
    range(timeRatio),
    `${(1 / timeRatio.median).toFixed(2)}`,
    ours.shareOfSgemm === undefined ? '' : `${percent(ours)} / ${percent(theirs)}`,
    `${gigabytes(ours)} / ${gigabytes(theirs)}`,
    `${sameResult ? 'yes' : 'NO'} (${difference === 0 ? '0' : difference.toExponential(0)})`,
  ];
}

const HEADINGS = [
  'what',
  'lab',
  'peer',
  'time, lab / peer',
  'speed, lab / peer',
  'share of SGEMM, lab / peer',
  'peak memory, lab / peer',
  'same result (difference)',
];

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** The report as a Markdown page. */
export function toMarkdown(report: Report): string {
  const { machine, versions, rows, rounds, threads, quick } = report;
  const list = (entries: Record<string, string>) =>
    Object.entries(entries)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  const rates = rows.flatMap(({ sgemm }) => (sgemm ? [sgemm] : []));
  const lines = [
    `# Benchmark, ${report.date}`,
    '',
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.system}; ` +
      `${threads} threads on both sides.`,
    ...Object.entries(versions).map(([program, entries]) => `${program}: ${list(entries)}.`),
    '',
    line(HEADINGS),
    line(HEADINGS.map(() => '---')),
    ...rows.map((comparison) => line(row(comparison))),
    '',
    `Medians (smallest to largest) of ${rounds} interleaved pairs; the ratios are the pairs' own. ` +
      `Pairs during which other processes took more than ${DISTURBED * 100} % of the processor were repeated. ` +
      'A speed above 1 says that the lab is faster. Peers in eager mode run in the memory layout that was the faster ' +
      'one in a trial. The share of SGEMM is the rate of the convolutions’ arithmetic over the whole time, divided by ' +
      'the rate of a large float32 matrix product measured between the pairs.',
    ...rates
      .slice(0, 1)
      .map(
        (rate) =>
          `Matrix product: ${list(mapValues(rate, (value) => `${digits(value)} GFLOP/s`))}.`,
      ),
    '',
    ...rows.map(({ title, note }) => `- ${title}: ${note}`),
  ];
  for (const { title, why } of report.leftOut) {
    lines.push('', `Left out, since the peer failed: ${title} (${lastLine(why)})`);
  }
  if (quick) lines.push('', 'A quick run: few rounds, small sizes.');
  const disturbed = rows.filter(({ othersShare }) => othersShare > DISTURBED);
  if (disturbed.length > 0) {
    const names = disturbed.map(
      ({ id, othersShare }) => `${id} ${Math.round(othersShare * 100)} %`,
    );
    lines.push(
      '',
      'The machine was not free. Most of the processor that other processes took in a round that counts: ' +
        `${names.join(', ')}.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Of a Python traceback: what was raised. */
function lastLine(text: string): string {
  return text.trim().split('\n').pop() ?? '';
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
