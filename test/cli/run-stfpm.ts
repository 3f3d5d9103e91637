import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { main } from '../../src/cli/main';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** What the machine's own environment would change. */
const ISOLATED: Record<string, string | undefined> = {
  MVTEC_AD_ROOT: undefined,
  RESNET18_WEIGHTS: undefined,
  RESNET18_WEIGHTS_URL: undefined,
  STFPM_DEBUG: undefined,
  // Downloaded weights are looked for below it.
  XDG_CACHE_HOME: path.join('/', 'nonexistent', 'cache'),
};

/** Runs the command in this process and gathers what it says. */
export async function stfpm(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  const restore = [replaceEnvironment({ ...ISOLATED, ...environment })];
  for (const name of ['stdout', 'stderr'] as const) {
    const { write } = process[name];
    process[name].write = ((text: string | Uint8Array) => {
      said[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    }) as typeof write;
    restore.push(() => (process[name].write = write));
  }
  const isTTY = process.stderr.isTTY;
  process.stderr.isTTY = false;
  try {
    return { code: await main([...args]), ...said };
  } finally {
    process.stderr.isTTY = isTTY;
    for (const undo of restore) undo();
  }
}

function replaceEnvironment(values: Record<string, string | undefined>): () => void {
  const set = (entries: Iterable<readonly [string, string | undefined]>) => {
    for (const [name, value] of entries) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  set(Object.entries(values));
  return () => set(before);
}

/** The command as a process of its own, to be stopped. */
export interface RunningStfpm {
  child: ChildProcess;
  /** Resolves when its standard error contains the text; rejects when it ends without. */
  says(text: string): Promise<void>;
  /** Its exit code, or the name of the signal that ended it. */
  ended: Promise<{ code: number | string; stdout: string; stderr: string }>;
}

/** Starts the command in a process of its own. */
export function startStfpm(args: readonly string[], cwd?: string): RunningStfpm {
  const environment = { ...process.env, ...ISOLATED };
  const mainFile = path.resolve('src', 'cli', 'main.ts');
  const script = `require(${JSON.stringify(mainFile)}).main(process.argv.slice(1)).then((code) => (process.exitCode = code))`;
  const register = require.resolve('../register.cjs');
  const child = spawn(process.execPath, ['-r', register, '-e', script, '--', ...args], {
    cwd,
    env: environment as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? '', stdout, stderr })),
  );
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (stderr.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() => reject(new Error(`It ended without "${text}":\n${stdout}${stderr}`)));
    });
  return { child, says, ended };
}

/** During the tests of a suite, processes that Node starts run TypeScript sources, as this one does. */
export function childrenRunSource(): void {
  const { NODE_OPTIONS } = process.env;
  before(() => {
    process.env.NODE_OPTIONS = `-r ${JSON.stringify(path.resolve('test', 'register.cjs'))}`;
  });
  after(() => {
    if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = NODE_OPTIONS;
  });
}
