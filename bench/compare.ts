import * as os from 'os';
import { busySeconds, ownSeconds } from './processor-time';
import type { Program } from './protocol';
import type { Contestant, Row } from './row';
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
  /** The largest share of the processor that other processes took during one of the rounds that count. */
  othersShare: number;
  /** Least seconds of one repetition in the trial that chose among the peers. */
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
  /** Where PyTorch and anomalib compute; the lab takes a GPU whenever its TensorFlow finds one. */
  peerDevice: 'cpu' | 'cuda';
  commands: Record<Program, Command>;
  sgemm: Contestant[];
  /** Called with each program's versions and each step of the work. */
  onVersions(program: Program, versions: Record<string, string>): void;
  onProgress(message: string): void;
}

const WARM_UPS = 2;
const TRIAL_REPEATS = 3;
/** A round is repeated when other processes took more than this share of the processor. */
export const DISTURBED = 0.03;
/** At most so many rounds are made for one that counts. */
const MOST_ATTEMPTS = 3;

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
    device: options.peerDevice,
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
    trial[contestant.name] = spread((await subject.run(TRIAL_REPEATS)).seconds).smallest;
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

/** One turn of each side. */
interface Round {
  /** Of one repetition, by side. */
  seconds: number[];
  /** The share of the machine's processor time that went to other processes meanwhile. */
  othersShare: number;
}

async function measureRound(row: Row, sides: readonly Running[]): Promise<Round> {
  const busy = busySeconds();
  const begin = performance.now();
  let own = -ownSeconds();
  const round: Round = { seconds: [], othersShare: 0 };
  for (const { subject, contestant } of sides) {
    const { seconds, values, processorSeconds } = await subject.run(row.repeats);
    if (!values.every(Number.isFinite)) {
      throw new Error(
        `${row.id}, ${contestant.name}: expected finite values, found ${values.join()}.`,
      );
    }
    round.seconds.push(spread(seconds).median);
    own += processorSeconds;
  }
  own += ownSeconds();
  const available = ((performance.now() - begin) / 1000) * os.cpus().length;
  round.othersShare = Math.max(0, (busySeconds() - busy - own) / available);
  return round;
}

/**
 * Rounds until enough of them were undisturbed, within a limit. Another process on one core stops PyTorch far more
 * than its share, since its threads wait for one another: a disturbed round says nothing about either side.
 */
async function measure(
  row: Row,
  sides: readonly Running[],
  options: CompareOptions,
): Promise<Round[]> {
  const rounds: Round[] = [];
  const undisturbed = () => rounds.filter(({ othersShare }) => othersShare <= DISTURBED).length;
  while (undisturbed() < options.rounds && rounds.length < options.rounds * MOST_ATTEMPTS) {
    options.onProgress(`round ${undisturbed() + 1} of ${options.rounds}`);
    const round = await measureRound(row, sides);
    if (round.othersShare > DISTURBED) {
      const percent = Math.round(round.othersShare * 100);
      options.onProgress(`disturbed: other processes took ${percent} % of the processor`);
    }
    rounds.push(round);
  }
  const kept = rounds
    .map((round, index) => ({ round, index }))
    .sort((a, b) => a.round.othersShare - b.round.othersShare)
    .slice(0, options.rounds)
    .sort((a, b) => a.index - b.index);
  return kept.map(({ round }) => round);
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
    const rounds = await measure(row, [ours, theirs, ...references], options);
    for (const [index, side] of [ours, theirs, ...references].entries()) {
      side.rounds = rounds.map(({ seconds }) => seconds[index]);
    }
    const timeRatio = spread(rounds.map(({ seconds }) => seconds[0] / seconds[1]));
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
      othersShare: Math.max(...rounds.map(({ othersShare }) => othersShare)),
      trial,
      difference,
      sameResult: difference <= row.tolerance,
      sgemm: row.shareOfSgemm ? sgemm : undefined,
    };
  } finally {
    for (const { subject } of running) subject.kill();
  }
}
