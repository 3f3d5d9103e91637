import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { constants } from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeTinyDataset } from '../../cli/tiny-dataset';
import { ROOT } from '../built';
import type { Ledger } from '../ledger';

const PART = 'signals';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type StopSignal = (typeof SIGNALS)[number];

/** Within these everything that was asked to stop has ended, on a busy machine too. */
const MOST_MILLISECONDS = 90_000;
/** Signals closer together count as one: see src/cli/terminal/interruption.ts. */
const APART_MILLISECONDS = 800;

/** How a signal comes to a training that would take hours. */
const WAYS = ['once', 'twice', 'through npx', 'stopped, then gone on with'] as const;
export const SIGNAL_KINDS: readonly string[] = WAYS;

export interface SignalOptions {
  seed: number;
  cases: number;
  workFolder: string;
  kinds?: readonly string[];
  onProgress?: (done: number, total: number) => void;
}

const ARGS = [
  ...['train', '--data', 'data', '--category', 'dots', '--embedded-teacher'],
  ...['--image-size', '32', '--batch-size', '2', '--out', 'run'],
];

interface Started {
  child: ChildProcess;
  said: () => string;
  /** When it has ended and nothing holds its output any more: its own children have ended, too. */
  ended: Promise<number | null>;
}

function start(folder: string, command: readonly string[], epochs: number): Started {
  const [program, ...args] = command;
  const child = spawn(program, [...args, ...ARGS, '--epochs', String(epochs)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (said += text.toString()));
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said: () => said, ended };
}

const DIRECT = [process.execPath, path.join(ROOT, 'src', 'cli', 'stfpm.js')];
/** As `npx stfpm` in the lab's folder, from anywhere. */
const NPX = ['npm', '--prefix', ROOT, 'exec', '--offline', '--', 'stfpm'];

/** Stops trainings by all signals: they end, with everything saved and the code that says by which. */
export async function trySignals(ledger: Ledger, options: SignalOptions): Promise<void> {
  const { seed, cases, workFolder, kinds, onProgress } = options;
  const start = path.join(workFolder, 'signals');
  const chosen = WAYS.filter((way) => !kinds || kinds.includes(way));
  await writeTinyDataset(path.join(start, 'data'));
  let done = 0;
  for (const kind of chosen) {
    for (let index = 0; index < cases; index++) {
      onProgress?.(done++, cases * chosen.length);
      const tried = { part: PART, kind, index, seed };
      if (ledger.has(tried)) continue;
      const folder = path.join(workFolder, 'signalled');
      fs.rmSync(folder, { recursive: true, force: true });
      fs.cpSync(start, folder, { recursive: true });
      const signal = SIGNALS[index % SIGNALS.length];
      // From the first line said on to somewhere within the epochs.
      const delay = ((index * 7919 + seed * 104729) % 23) * 100;
      const begun = performance.now();
      const { fault, outcome } = await stop(folder, kind, signal, delay);
      ledger.add({
        ...tried,
        fault,
        outcome,
        how: `${signal} ${delay} ms after the first line`,
        milliseconds: Math.round(performance.now() - begun),
      });
    }
  }
}

async function stop(folder: string, way: (typeof WAYS)[number], signal: StopSignal, delay: number) {
  const { child, said, ended } = start(folder, way === 'through npx' ? NPX : DIRECT, 100_000);
  const expected = 128 + constants.signals[signal];
  const failed = (fault: string) => ({
    fault: `${fault}: ${said().slice(-400)}`,
    outcome: 'failed',
  });
  const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 2 * MOST_MILLISECONDS);
  try {
    for (const until = Date.now() + MOST_MILLISECONDS; !said().includes('Run: ');) {
      if (Date.now() > until) return failed('it says nothing');
      await sleep(20);
    }
    await sleep(delay);
    // npm takes a terminal's signal, which goes to all, and passes on what comes to it alone.
    process.kill(way === 'through npx' ? -child.pid! : child.pid!, signal);
    if (way === 'twice') {
      await sleep(APART_MILLISECONDS);
      // It may have ended by the first one.
      if (child.exitCode === null) child.kill(signal);
    }
    const code = await Promise.race([
      ended,
      sleep(MOST_MILLISECONDS, 'no end' as const, { ref: false }),
    ]);
    if (code === 'no end') return failed('no end');
    const bySignal = child.signalCode === signal;
    if (code !== expected && !(bySignal && way !== 'once')) {
      return failed(`exit code ${code ?? child.signalCode}, expected ${expected}`);
    }
    const rests = fs.readdirSync(path.join(folder, 'run')).filter((name) => /^\.|lock/.test(name));
    // Who is ended at once removes nothing.
    if (rests.length > 0 && !bySignal) return failed(`${rests.join(', ')} left`);
    if (way === 'stopped, then gone on with') {
      const fault = faultOfGoingOn(folder);
      if (fault !== null) return failed(fault);
    }
    return { fault: null, outcome: bySignal ? 'ended at once' : 'saved' };
  } finally {
    clearTimeout(late);
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // as it should be: nobody is left
    }
  }
}

/** Resumed for one more epoch than it has, it equals a training that was never stopped. */
function faultOfGoingOn(folder: string): string | null {
  const run = path.join(folder, 'run');
  const metrics = path.join(run, 'metrics.jsonl');
  const lines = fs.existsSync(metrics)
    ? fs.readFileSync(metrics, 'utf8').split('\n').length - 1
    : 0;
  const train = (out: string) =>
    spawnSync(DIRECT[0], [DIRECT[1], ...ARGS.slice(0, -1), out, '--epochs', String(lines + 1)], {
      cwd: folder,
      encoding: 'utf8',
    });
  for (const out of ['run', 'never stopped']) {
    const { status, stderr } = train(out);
    if (status !== 0) return `${out}: exit code ${status}: ${stderr.slice(-300)}`;
  }
  const [a, b] = ['run', 'never stopped'].map((out) =>
    fs.readFileSync(path.join(folder, out, 'model.safetensors')),
  );
  return a.equals(b) ? null : `another model after ${lines + 1} epochs`;
}
