/** Scores that are drawn with one sign. */
export interface ScoreGroup {
  /** Empty where there is one group only. */
  name: string;
  scores: readonly number[];
}

const BINS = 12;
const WIDTH = 40;
const SIGNS = ['█', '▒', '░'];

/** Scores that span more than this factor are drawn on a logarithmic axis, where all are above 0. */
const WIDE = 30;

/**
 * A histogram for the terminal, a bin a line, the lowest first. The threshold is the edge of a bin, and has a line of its
 * own, so that what stands below it is called defective.
 */
export function histogramText(groups: readonly ScoreGroup[], threshold: number | null): string {
  const all = groups.flatMap(({ scores }) => scores);
  const axis = threshold === null ? all : [...all, threshold];
  const [least, most] = [smallest(axis), -smallest(axis.map((value) => -value))];
  const isLog = least > 0 && most / least > WIDE;
  const at = (score: number) => (isLog ? Math.log(score) : score);
  const scoreAt = (position: number) => (isLog ? Math.exp(position) : position);
  const width = (at(most) - at(least)) / BINS || Math.abs(at(least)) / 100 || 1;
  const origin = threshold === null ? at(least) : at(threshold);
  /** The bin of the threshold's left side is -1. A score that equals the threshold is good. */
  const binOf = (score: number) => {
    if (threshold !== null && score <= threshold)
      return Math.min(-1, Math.floor((at(score) - origin) / width));
    return Math.max(0, Math.floor((at(score) - origin) / width));
  };
  const counts = groups.map(({ scores }) => counted(scores.map(binOf)));
  const used = counts.flatMap((bins) => [...bins.keys()]);
  const [first, last] = [smallest(used), -smallest(used.map((bin) => -bin))];
  const total = (bin: number) => counts.reduce((sum, bins) => sum + (bins.get(bin) ?? 0), 0);
  const highest = Math.max(...used.map(total));
  const lines: string[] = [];
  const drawBin = (bin: number) => {
    if (total(bin) === 0) {
      // Of several empty bins one is enough.
      if (lines.at(-1) !== GAP) lines.push(GAP);
      return;
    }
    const bar = counts
      .map((bins, i) => SIGNS[i].repeat(Math.ceil(((bins.get(bin) ?? 0) / highest) * WIDTH)))
      .join('');
    const numbers = groups
      .map(({ name }, i) => ({ name, count: counts[i].get(bin) ?? 0 }))
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => (name ? `${count} ${name}` : `${count}`));
    lines.push(`${label(scoreAt(origin + bin * width))} ${bar} ${numbers.join(', ')}`);
  };
  for (let bin = first; bin <= last && (bin < 0 || threshold === null); bin++) drawBin(bin);
  if (threshold === null) return lines.join('\n');
  lines.push(`${label(threshold)} ${LINE} threshold: images above it are called defective`);
  for (let bin = 0; bin <= last; bin++) drawBin(bin);
  return lines.join('\n');
}

const GAP = `${' '.repeat(8)}⋮`;
const LINE = '─'.repeat(4);

const label = (value: number) => value.toPrecision(3).padStart(9);

function counted(bins: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  return counts;
}

/** Of any number of values. */
function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}
