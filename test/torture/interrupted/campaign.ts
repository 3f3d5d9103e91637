import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { transformSync } from 'esbuild';
import { Random } from '../../../src/lib/random/random';
import { ROOT } from '../built';
import type { Ledger, Try } from '../ledger';
import { COMMANDS } from './commands';
import type { WritingCommand } from './commands';
import { filesBelow, isWhole, Undisturbed } from './written';

/** What can befall a command: by these names a try is told. */
const FAULTS = ['kill', 'full', 'moment'] as const;
type Fault = (typeof FAULTS)[number];

/** The parts of `npm run torture` that are here. */
export const INTERRUPTED_PARTS = ['killed', 'full disk'] as const;

/** Each takes seconds, the page most; a busy machine is many times slower. */
const MOST_MILLISECONDS = 900_000;

export interface InterruptedOptions {
  seed: number;
  /** Of each command and fault. */
  cases: number;
  workFolder: string;
  kinds?: readonly string[];
  onProgress?: (done: number, total: number) => void;
}

interface Ended {
  /** Null: by a signal. */
  code: number | null;
  said: string;
  milliseconds: number;
}

/** Runs `stfpm` in a folder, disturbed by what TORTURE_FAULT names, or killed after some time. */
async function run(
  folder: string,
  args: readonly string[],
  {
    shim,
    fault,
    log,
    killAfter,
  }: { shim: string; fault: string; log?: string; killAfter?: number },
): Promise<Ended> {
  const begun = performance.now();
  const stfpm = path.join(ROOT, 'src', 'cli', 'stfpm.js');
  const child = spawn(process.execPath, ['-r', shim, stfpm, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TORTURE_ROOT: folder, TORTURE_FAULT: fault, TORTURE_LOG: log },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)));
  }
  const killed = setTimeout(() => child.kill('SIGKILL'), killAfter ?? MOST_MILLISECONDS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(killed);
  return { code, said, milliseconds: performance.now() - begun };
}

/** A command, what it starts from and what it makes of that. */
interface Bench {
  command: WritingCommand;
  start: string;
  before: Map<string, Buffer>;
  undisturbed: Undisturbed;
  operations: string[];
  milliseconds: number;
}

async function benchOf(command: WritingCommand, folder: string, shim: string): Promise<Bench> {
  const start = path.join(folder, 'start');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(start, { recursive: true });
  const log = path.join(folder, 'operations.json');
  const calm = async (where: string, args: readonly string[]) => {
    const { code, said, milliseconds } = await run(where, args, { shim, fault: 'count', log });
    if (code !== 0) throw new Error(`stfpm ${args.join(' ')}: expected success, found ${said}`);
    return milliseconds;
  };
  await command.prepare(start, async (...args) => {
    await calm(start, args);
  });
  const made: Map<string, Buffer>[] = [];
  let milliseconds = 0;
  const again = path.join(folder, 'tried');
  for (let i = 0; i < 2; i++) {
    renew(start, again);
    milliseconds = await calm(again, command.args);
    made.push(filesBelow(again));
  }
  const operations = JSON.parse(fs.readFileSync(log, 'utf8')) as string[];
  const undisturbed = new Undisturbed(made[0], made[1]);
  return { command, start, before: filesBelow(start), undisturbed, operations, milliseconds };
}

/** Always at the same place, since some files tell it. */
function renew(start: string, folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(start, folder, { recursive: true });
}

/** One try. @param at of "kill" and "full": the operation; of "moment": a share of the time that the command takes */
async function interrupt(
  { command, start, before, undisturbed, milliseconds }: Bench,
  fault: Fault,
  at: number,
  shim: string,
): Promise<Pick<Try, 'fault' | 'outcome' | 'message'>> {
  const folder = path.join(path.dirname(start), 'tried');
  renew(start, folder);
  const first = await run(folder, command.args, {
    shim,
    ...(fault === 'moment'
      ? { fault: 'count', killAfter: Math.round(at * milliseconds) }
      : { fault: `${fault} ${at}` }),
  });
  const outcome =
    first.code === null ? 'killed' : first.code === 0 ? 'came through' : 'ended with a message';
  const message = first.said.trim().split('\n').pop()?.slice(0, 300);
  const failed = (what: string) => ({ fault: what, outcome, message });
  const left = filesBelow(folder);
  const isRest = (name: string) => !undisturbed.has(name) && !before.has(name);
  for (const [name, content] of left) {
    // Of a killed process locks and what lies aside stay, until the next one.
    if (isRest(name)) {
      if (first.code === null && /(^|\/)(\.[^/]*|lock(\.takeover)*)$/.test(name)) continue;
      if (first.code === null && name.includes('/.')) continue;
      return failed(`${name} is left`);
    }
    const old = before.get(name);
    if (old?.equals(content) || isWhole(name, content)) continue;
    const differs = undisturbed.differs(name, content);
    if (differs !== null) return failed(`half a file, ${name}: ${differs}`);
  }
  for (const name of before.keys()) if (!left.has(name)) return failed(`${name} is gone`);
  if (first.code === 0) {
    const wrong = undisturbed.faultOf(left);
    if (wrong !== null) return failed(`exit code 0, and ${wrong}`);
  }
  if (fault === 'full' && first.code !== 0) {
    if (!first.said.includes('ENOSPC')) return failed(`another message: ${first.said.slice(-500)}`);
    if (/\n\s+at /.test(first.said)) return failed(`a stack: ${first.said.slice(-500)}`);
  }
  const second = await run(folder, command.args, { shim, fault: 'count' });
  if (second.code !== 0) return failed(`then exit code ${second.code}: ${second.said.slice(-500)}`);
  const wrong = undisturbed.faultOf(filesBelow(folder));
  return wrong === null ? { fault: null, outcome, message } : failed(`then ${wrong}`);
}

const compiledShim = (folder: string) => {
  const shim = path.join(folder, 'fault.js');
  const source = fs.readFileSync(path.join(__dirname, 'fault.ts'), 'utf8');
  fs.writeFileSync(shim, transformSync(source, { loader: 'ts', format: 'cjs' }).code);
  return shim;
};

/** Kills commands in the middle of an operation and at any moment, or fills their disk; then runs them again. */
export async function tryInterrupted(
  ledger: Ledger,
  part: (typeof INTERRUPTED_PARTS)[number],
  { seed, cases, workFolder, kinds, onProgress }: InterruptedOptions,
): Promise<void> {
  const shim = compiledShim(workFolder);
  const chosen = COMMANDS.filter(({ name }) => !kinds || kinds.includes(name));
  let done = 0;
  for (const command of chosen) {
    const open = Array.from({ length: cases }, (_, index) => index).filter(
      (index) => !ledger.has({ part, kind: command.name, index, seed }),
    );
    done += cases - open.length;
    if (open.length === 0) continue;
    const bench = await benchOf(command, path.join(workFolder, 'interrupted'), shim);
    const random = Random.fromSeed(seed).fork(`${part}, ${command.name}`);
    const draws = Array.from({ length: cases }, () => random.uniform(0, 1));
    for (const index of open) {
      onProgress?.(done++, cases * chosen.length);
      // Of kills every third is at any moment. Operations are gone through from a random one on, evenly however many
      // cases there are: in steps of the golden ratio.
      const fault = part === 'full disk' ? 'full' : index % 3 === 2 ? 'moment' : 'kill';
      const share = (draws[0] + index * 0.6180339887) % 1;
      const at = fault === 'moment' ? draws[index] : Math.floor(share * bench.operations.length);
      const begun = performance.now();
      const found = await interrupt(bench, fault, at, shim);
      const replay = JSON.stringify({ command: command.name, fault, at });
      ledger.add({
        ...{ part, kind: command.name, index, seed },
        ...found,
        how:
          fault === 'moment'
            ? `killed at ${at.toFixed(3)} of its time`
            : `${fault} at operation ${at}, ${bench.operations[at]}`,
        milliseconds: Math.round(performance.now() - begun),
        ...(found.fault !== null && {
          replay: ledger.keep(
            `${part}.${command.name}.${seed}.${index}.json`.replace(/ /g, '-'),
            Buffer.from(replay),
          ),
        }),
      });
    }
  }
}

/** Interrupts a command again as a kept failure says. @returns what came of it, in words */
export async function replayInterrupted(kept: string, workFolder: string): Promise<string> {
  const { command, fault, at } = JSON.parse(fs.readFileSync(kept, 'utf8')) as {
    command: string;
    fault: Fault;
    at: number;
  };
  const known = COMMANDS.find(({ name }) => name === command);
  if (!known || !FAULTS.includes(fault)) {
    throw new Error(`${kept}: expected a command and what befalls it, found ${command}, ${fault}`);
  }
  const shim = compiledShim(workFolder);
  const bench = await benchOf(known, path.join(workFolder, 'interrupted'), shim);
  const found = await interrupt(bench, fault, at, shim);
  return JSON.stringify({ operation: bench.operations[at], ...found }, null, 2);
}
