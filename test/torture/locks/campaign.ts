import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Ledger } from '../ledger';
import type { Outcome, Race } from './racer';

const PART = 'races';
const RACERS = 4;
/** No race takes so long, but on a machine that stands still. */
const MOST_MILLISECONDS = 60_000;

/** What is there before a race: nothing, what a killed process left, or nonsense. */
const LEFT = ['nothing', 'of a killed holder', 'an empty file', 'nonsense'] as const;

export const RACE_KINDS: readonly Race['kind'][] = ['lock', 'lease'];

export interface RaceOptions {
  seed: number;
  cases: number;
  workFolder: string;
  kinds?: readonly string[];
  onProgress?: (done: number, total: number) => void;
}

async function racer(): Promise<ChildProcess> {
  const register = path.resolve(__dirname, '..', '..', 'register.cjs');
  const child = fork(path.join(__dirname, 'racer.ts'), [], { execArgv: ['-r', register] });
  await once(child, 'message');
  return child;
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const signal = AbortSignal.timeout(MOST_MILLISECONDS);
  const [answer] = (await once(child, 'message', { signal })) as [unknown];
  return answer;
}

/** Four processes at a time want one lock: one gets it, the others are told who has it. */
export async function tryRaces(ledger: Ledger, options: RaceOptions): Promise<void> {
  const { seed, cases, workFolder, kinds, onProgress } = options;
  const chosen = RACE_KINDS.filter((kind) => !kinds || kinds.includes(kind));
  const racers = await Promise.all(Array.from({ length: RACERS }, racer));
  let done = 0;
  try {
    for (const kind of chosen) {
      for (let index = 0; index < cases; index++) {
        onProgress?.(done++, cases * chosen.length);
        const tried = { part: PART, kind, index, seed };
        if (ledger.has(tried)) continue;
        const left = LEFT[index % LEFT.length];
        const file = path.join(workFolder, `${kind}-${index}`, 'lock');
        await leave(left, racers, { kind, file });
        const begun = performance.now();
        const fault = await faultOfRace(racers, { kind, file });
        const how = `${RACERS} processes, found: ${left}`;
        const milliseconds = Math.round(performance.now() - begun);
        const outcome = fault === null ? 'one holder' : 'another number of holders';
        ledger.add({ ...tried, fault, outcome, how, milliseconds });
      }
    }
  } finally {
    for (const child of racers) child.disconnect();
  }
}

/** Puts there what a race finds. The killed holder is a racer, with another in its place. */
async function leave(
  left: (typeof LEFT)[number],
  racers: ChildProcess[],
  { kind, file }: Omit<Race, 'at'>,
): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (left === 'an empty file') fs.writeFileSync(file, '');
  if (left === 'nonsense') fs.writeFileSync(file, 'x y z');
  if (left !== 'of a killed holder') return;
  const [victim] = racers;
  victim.send({ kind, file, at: 0 } satisfies Race);
  const outcome = (await answerOf(victim)) as Outcome;
  if (!outcome.held) throw new Error(`${file}: expected to get it, found ${outcome.message}`);
  victim.kill('SIGKILL');
  await once(victim, 'exit');
  racers[0] = await racer();
}

async function faultOfRace(
  racers: readonly ChildProcess[],
  race: Omit<Race, 'at'>,
): Promise<string | null> {
  const answers = racers.map(answerOf);
  const at = Date.now() + 50;
  for (const child of racers) child.send({ ...race, at } satisfies Race);
  // Nobody lets go before all have tried: two that have it have it at the same time.
  const outcomes = (await Promise.all(answers)) as Outcome[];
  const holders = outcomes.filter(({ held }) => held).length;
  const odd = outcomes.find(({ held, message }) => !held && !message?.includes('races'));
  const released = racers.map(answerOf);
  for (const child of racers) child.send('release');
  await Promise.all(released);
  const rests = fs.readdirSync(path.dirname(race.file));
  if (holders !== 1) return `${holders} holders`;
  if (odd) return `a refusal that does not say who has it: ${odd.message}`;
  return rests.length > 0 ? `${rests.join(', ')} left` : null;
}
