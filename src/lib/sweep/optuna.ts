import { spawn, spawnSync } from 'child_process';
import * as path from 'path';
import { createInterface } from 'readline';

/** Copied beside the compiled module by the build. */
const SCRIPT = path.join(__dirname, 'optuna-study.py');

/** What a setting may be: one of some values, or a number of a range. */
export type Dimension = { among: string[] } | { from: number; to: number; log: boolean };

export interface StudyOptions {
  /** The journal that all processes of a search share. */
  file: string;
  name: string;
  /** What makes two searches the same, as text. */
  of: string;
  space: Readonly<Record<string, Dimension>>;
  seed: number;
  /** Tried before anything is proposed. */
  first: Readonly<Record<string, unknown>>;
}

export interface StudyTrial {
  /** From 0. */
  number: number;
  state: 'running' | 'complete' | 'pruned' | 'fail';
  params: Record<string, string | number>;
  /** Of those that are complete. */
  value: number | null;
  /** After which it was looked at. */
  epochs: number;
  /** What was told beside the value. */
  notes: Record<string, unknown>;
}

/** A study of Optuna in a Python of its own process. */
export interface Study {
  readonly version: string;
  trials(): Promise<StudyTrial[]>;
  ask(): Promise<Pick<StudyTrial, 'number' | 'params'>>;
  /** @returns whether the trial is hopeless */
  report(number: number, epoch: number, loss: number): Promise<boolean>;
  tell(
    number: number,
    state: Exclude<StudyTrial['state'], 'running'>,
    value: number | null,
    notes: Record<string, unknown>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error in a sentence when the Python has no Optuna */
function requireOptuna(python: string): void {
  const { error, status, stderr } = spawnSync(
    python,
    ['-I', '-c', 'from optuna.storages.journal import JournalFileBackend'],
    { encoding: 'utf8', timeout: 120_000 },
  );
  if (!error && status === 0) return;
  const why = error
    ? (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'no such program'
      : error.message
    : stderr.trim().split('\n').at(-1);
  throw new Error(
    `${python}: expected a Python with Optuna 4 or later (\`pip install optuna\`; --python names another ` +
      `Python), found ${why || `exit code ${status}`}.`,
  );
}

/**
 * Opens a study, and makes it where there is none.
 *
 * @param python a program
 * @throws Error when it has no Optuna, or the file is another search's
 */
export async function openStudy(python: string, options: StudyOptions): Promise<Study> {
  requireOptuna(python);
  const child = spawn(python, ['-I', SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  // Its end is noticed where an answer is missing.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve()).once('error', reject);
  });
  ended.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const askNow = async (question: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value) as unknown;
    await ended;
    throw new Error(`${python}: ${said.trim().split('\n').at(-1) || 'ended without a word'}`);
  };
  /** One after the other: an answer belongs to the question before it. */
  const say = <Answer>(question: object): Promise<Answer> => {
    const answer = last.then(() => askNow(question));
    last = answer.catch(() => {});
    return answer as Promise<Answer>;
  };
  const close = async () => {
    await last;
    child.stdin.end();
    await ended;
  };
  const { optuna, of } = await say<{ optuna: string; of: string }>(options);
  if (of !== options.of) {
    await close();
    throw new Error(
      `${options.file}: expected the study of this search, found another one's: its images, teacher, ` +
        'settings or space are others. Give the search another name, or delete the file.',
    );
  }
  return {
    version: optuna,
    trials: async () => (await say<{ trials: StudyTrial[] }>({ do: 'trials' })).trials,
    ask: () => say({ do: 'ask' }),
    report: async (number, epoch, loss) =>
      (await say<{ prune: boolean }>({ do: 'report', number, epoch, loss })).prune,
    tell: async (number, state, value, notes) => {
      await say({ do: 'tell', number, state, value, notes });
    },
    close,
  };
}
