import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import type { Ledger, Try } from '../ledger';
import { KINDS } from './kinds';
import type { Kind } from './kinds';
import type { Mutant } from './mutation';
import type { Answer, Request } from './worker';

/** No file may keep its reader for longer. */
const MOST_MILLISECONDS = 20_000;

/** README promises 3 GB for whole trainings: no small file may claim even two thirds of it. */
const MOST_BYTES = 2 ** 31;

/** How often a reader begins anew, so that what earlier files left in memory is not counted for ever. */
const FILES_A_PROCESS = 400;

const PART = 'malformed';

export interface MalformedOptions {
  seed: number;
  /** Of each kind. */
  cases: number;
  /** Where files are made. */
  workFolder: string;
  kinds?: readonly string[];
  onProgress?: (done: number, total: number) => void;
}

/** The reading process, started again whenever it ends. */
class Reader {
  private child: ChildProcess | null = null;
  private read = 0;

  private async started(): Promise<ChildProcess> {
    if (this.child && this.read < FILES_A_PROCESS) return this.child;
    this.stop();
    const worker = path.join(__dirname, 'worker.ts');
    const register = path.resolve(__dirname, '..', '..', 'register.cjs');
    const child = fork(worker, [], {
      execArgv: ['-r', register],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.setMaxListeners(0);
    await once(child, 'message');
    this.child = child;
    this.read = 0;
    return child;
  }

  /** @returns the answer, or in a word what came in its place */
  async ask(request: Request): Promise<Answer | 'no end' | string> {
    const child = await this.started();
    this.read++;
    let said = '';
    const hear = (text: Buffer) => (said = (said + text.toString()).slice(-2000));
    child.stderr?.on('data', hear);
    const answer = await new Promise<Answer | string>((resolve) => {
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        settle('no end');
      }, MOST_MILLISECONDS);
      const onMessage = (message: Answer) => settle(message);
      const onExit = (code: number | null, signal: string | null) =>
        settle(`ended with ${code ?? signal}: ${said.trim()}`);
      const settle = (found: Answer | string) => {
        clearTimeout(late);
        child.off('message', onMessage).off('exit', onExit);
        child.stderr?.off('data', hear);
        resolve(found);
      };
      child.once('message', onMessage).once('exit', onExit);
      child.send(request);
    });
    if (typeof answer === 'string') this.child = null;
    return answer;
  }

  stop(): void {
    this.child?.removeAllListeners('exit');
    this.child?.disconnect();
    this.child = null;
  }
}

/** Reads malformed files of every kind. What fails is kept, and can be read again with `replay`. */
export async function tryMalformed(ledger: Ledger, options: MalformedOptions): Promise<void> {
  const { seed, cases, workFolder, kinds, onProgress } = options;
  const reader = new Reader();
  const chosen = KINDS.filter(({ name }) => !kinds || kinds.includes(name));
  let done = 0;
  try {
    for (const kind of chosen) {
      const { file, sound, digest } = await prepare(reader, kind, path.join(workFolder, kind.name));
      const mutants = kind.mutants(sound);
      for (let index = 0; index < cases; index++) {
        onProgress?.(done++, cases * chosen.length);
        const tried = { part: PART, kind: kind.name, index, seed };
        if (ledger.has(tried)) continue;
        const [mutant] = fc.sample(mutants, { seed: seedOf(seed, index), numRuns: 1 });
        fs.writeFileSync(file, mutant.bytes);
        const begun = performance.now();
        const answer = await reader.ask({ kind: kind.name, file });
        const milliseconds = Math.round(performance.now() - begun);
        const { fault, outcome } = judge(answer, mutant, file, digest, sound);
        const name = `${kind.name}.${seed}.${index}${path.extname(kind.file)}`;
        ledger.add({
          ...tried,
          fault,
          outcome,
          how: mutant.how,
          milliseconds,
          ...(typeof answer !== 'string' && {
            peakBytes: answer.peakBytes,
            message: answer.message?.slice(0, 300),
          }),
          ...(fault !== null && { replay: ledger.keep(name, mutant.bytes) }),
        } satisfies Try);
      }
    }
  } finally {
    reader.stop();
  }
}

/** Consecutive seeds are alike to some generators: they are spread. */
const seedOf = (seed: number, index: number) =>
  (Math.imul(seed + 1, 0x9e3779b1) ^ (index * 7919)) | 0;

/** A sound file, and what is read from it. */
async function prepare(reader: Reader, kind: Kind, folder: string) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await kind.make(folder);
  const file = path.join(folder, kind.file);
  const answer = await reader.ask({ kind: kind.name, file });
  if (typeof answer === 'string' || answer.outcome === 'refused' || answer.fault) {
    throw new Error(`${file}: expected a sound file, found ${JSON.stringify(answer)}`);
  }
  return { file, sound: fs.readFileSync(file), digest: answer.digest };
}

/** What is wrong with what came of a malformed file. */
function judge(
  answer: Answer | string,
  { bytes, expected }: Mutant,
  file: string,
  digest: string | undefined,
  sound: Buffer,
): { fault: string | null; outcome: string } {
  if (typeof answer === 'string') {
    const outcome = answer === 'no end' ? 'hung' : 'crashed';
    return { fault: answer, outcome };
  }
  const { outcome, peakBytes } = answer;
  if (peakBytes > MOST_BYTES) {
    return { fault: `${Math.round(peakBytes / 1e6)} MB of memory`, outcome };
  }
  if (outcome === 'refused') return { fault: faultOfMessage(answer, file), outcome };
  if (answer.fault) return { fault: `taken with ${answer.fault}`, outcome };
  const isOther = answer.digest !== digest && !bytes.equals(sound);
  if (expected === 'same or refused' && isOther) {
    return { fault: 'taken, with other values than the whole file has', outcome };
  }
  return { fault: null, outcome: isOther ? 'taken as other' : 'taken as before' };
}

/** A message names its file, and is for people: no text of the language alone. */
function faultOfMessage({ message = '', stack }: Answer, file: string): string | null {
  if (!message.includes(file) && !message.includes(path.dirname(file))) {
    return `a message without its file: ${message.slice(0, 300)}\n${stack?.slice(0, 800)}`;
  }
  const native =
    /is not a function|is not iterable|Cannot (read|set|convert)|undefined \(|of undefined|Maximum call stack|Invalid (typed )?array length|toFixed|BigInt/;
  return native.test(message) ? `the language's own words: ${message.slice(0, 300)}` : null;
}

/** Reads a kept failure again. @returns what came of it, in words */
export async function replayMalformed(kept: string, workFolder: string): Promise<string> {
  const [name] = path.basename(kept).split('.');
  const kind = KINDS.find((each) => each.name === name);
  if (!kind) throw new Error(`${kept}: expected a name that begins with a kind of file.`);
  const reader = new Reader();
  try {
    const { file } = await prepare(reader, kind, path.join(workFolder, kind.name));
    fs.copyFileSync(kept, file);
    return JSON.stringify(await reader.ask({ kind: kind.name, file }), null, 2).replace(
      /\\n/g,
      '\n',
    );
  } finally {
    reader.stop();
  }
}
