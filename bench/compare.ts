import type { Program } from './protocol';
import type { Contestant, Row } from './rows';
import { spread } from './spread';
import type { Spread } from './spread';
import { Subject } from './subject';
import type { Command } from './subject';

/** What one side showed. */
export interface Side {
  name: string;
  /** Seconds of one repetition, over the rounds. */
  seconds: Spread;
  /** Of every round, in order. */
  rounds: number[];
  peakBytes: number;
  /** Billions of floating-point operations a second in convolutions or the matrix product. */
  gigaflops?: number;
  /** That rate over the matrix-product rate. */
  shareOfSgemm?: number;
}

export interface Comparison {
  id: string;
  title: string;
  note: string;
  images?: number;
  ours: Side;
  /** The peer that was the fastest in the trial. */
  theirs: Side;
  /** Ours / theirs in time, of each round's pair. Below 1 the lab is faster. */
  timeRatio: Spread;
  /** Median seconds of one repetition in the trial that chose among the peers. */
  trial: Record<string, number>;
  /** The largest relative difference between the two sides' values in the first two repetitions. */
  difference: number;
  /** Whether it is within the row's tolerance. */
  sameResult: boolean;
  /** Billions of floating-point operations a second of the reference product, by library. */
  sgemm?: Record<string, number>;
}

export interface CompareOptions {
  rounds: number;
  threads: number;
  commands: Record<Program, Command>;
  sgemm: Contestant[];
  /** Called with each program's versions and each step of the work. */
  onVersions(program: Program, versions: Record<string, string>): void;
  onProgress(message: string): void;
}

const WARM_UPS = 2;
const TRIAL_REPEATS = 3;

interface Running {
  contestant: Contestant;
  subject: Subject;
  flops?: number;
  warmUpValues: number[];
  rounds: number[];
}

async function begin(contestant: Contestant, options: CompareOptions): Promise<Running> {
  options.onProgress(`preparing ${contestant.name}`);
  const { name, program, workload } = contestant;
  const { subject, started } = await Subject.start(name, options.commands[program], {
    workload,
    threads: options.threads,
    ...contestant.options,
  });
  options.onVersions(program, started.versions);
  try {
    const { values } = await subject.run(WARM_UPS);
    return { contestant, subject, flops: started.flops, warmUpValues: values, rounds: [] };
  } catch (error) {
    subject.kill();
    throw error;
  }
}

/** The fastest of several peers, by a short trial; the others are stopped. */
async function fastest(peers: Running[], trial: Record<string, number>): Promise<Running> {
  for (const { contestant, subject } of peers) {
    if (peers.length === 1) break;
    trial[contestant.name] = spread((await subject.run(TRIAL_REPEATS)).seconds).median;
  }
  const order = [...peers].sort(
    (a, b) => (trial[a.contestant.name] ?? 0) - (trial[b.contestant.name] ?? 0),
  );
  for (const { subject } of order.slice(1)) await subject.stop();
  return order[0];
}

/** The largest relative difference between the two lists; NaN when a value is. */
function relativeDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(
    ...a.map((value, i) => {
      const largest = Math.max(Math.abs(value), Math.abs(b[i]));
      return largest === 0 ? 0 : Math.abs(value - b[i]) / largest;
    }),
  );
}

async function end(
  { contestant, subject, flops, rounds }: Running,
  ownFlops = flops,
): Promise<Side> {
  const { peakBytes } = await subject.stop();
  const seconds = spread(rounds);
  const gigaflops = ownFlops === undefined ? undefined : ownFlops / seconds.median / 1e9;
  return { name: contestant.name, seconds, rounds, peakBytes, gigaflops };
}

/**
 * Measures one row: ours, theirs, ours, theirs, ..., in processes that stay warm and of which one works at a time, so
 * that what the machine does meanwhile meets both sides alike.
 */
export async function compare(row: Row, options: CompareOptions): Promise<Comparison> {
  const running: Running[] = [];
  try {
    for (const contestant of [row.ours, ...row.theirs]) {
      running.push(await begin(contestant, options));
    }
    const [ours, ...peers] = running;
    const difference = Math.max(
      ...peers.map((peer) => relativeDifference(ours.warmUpValues, peer.warmUpValues)),
    );
    const trial: Record<string, number> = {};
    const theirs = await fastest(peers, trial);
    const references: Running[] = [];
    for (const contestant of row.shareOfSgemm ? options.sgemm : []) {
      const reference = await begin(contestant, options);
      running.push(reference);
      references.push(reference);
    }
    for (let round = 1; round <= options.rounds; round++) {
      options.onProgress(`round ${round} of ${options.rounds}`);
      for (const { subject, contestant, rounds } of [ours, theirs, ...references]) {
        const { seconds, values } = await subject.run(row.repeats);
        if (!values.every(Number.isFinite)) {
          throw new Error(
            `${row.id}, ${contestant.name}: expected finite values, found ${values.join()}.`,
          );
        }
        rounds.push(spread(seconds).median);
      }
    }
    const timeRatio = spread(ours.rounds.map((seconds, round) => seconds / theirs.rounds[round]));
    const ourSide = await end(ours);
    const theirSide = await end(theirs, ours.flops);
    const products: Side[] = [];
    for (const reference of references) products.push(await end(reference, references[0].flops));
    const sgemm = Object.fromEntries(products.map((side) => [side.name, side.gigaflops ?? NaN]));
    if (row.shareOfSgemm) {
      const rate = Math.max(...Object.values(sgemm));
      for (const side of [ourSide, theirSide]) side.shareOfSgemm = (side.gigaflops ?? NaN) / rate;
    }
    return {
      id: row.id,
      title: row.title,
      note: row.note,
      images: row.images,
      ours: ourSide,
      theirs: theirSide,
      timeRatio,
      trial,
      difference,
      sameResult: difference <= row.tolerance,
      sgemm: row.shareOfSgemm ? sgemm : undefined,
    };
  } finally {
    for (const { subject } of running) subject.kill();
  }
}
