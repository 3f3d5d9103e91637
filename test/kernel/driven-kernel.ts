import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const root = path.resolve(__dirname, '..', '..');
export const python = path.join(root, '.venv', 'bin', 'python');

/** One message that a cell published. */
export interface Output {
  type: string;
  content: Record<string, unknown>;
  /** Of a comm's message. */
  metadata?: Record<string, unknown>;
  /** Of a comm's message, in base64. */
  buffers?: string[];
}

/** A request to send: its type and content, and what buffers come with it, in base64. */
export type Request = [type: string, content: unknown, ...buffers: string[]];

/** What a cell came to. */
export interface CellRun {
  status: 'ok' | 'error' | 'aborted';
  outputs: Output[];
  reply: Record<string, unknown>;
}

/** What requests came to that were sent while a cell ran. */
export interface SideRun {
  /** The content of each reply, in the order of the requests; null where there was none. */
  replies: (Record<string, unknown> | null)[];
  /** What was published meanwhile, and not by the cell. */
  others: Output[];
  /** The types of the requests after which the kernel did not become idle. */
  unfinished: string[];
  cell: CellRun;
}

/** An event of a debugger. */
export interface DebugEvent {
  type: string;
  seq: number;
  event: string;
  body: Record<string, unknown>;
}

/** The lab's kernel, started by Jupyter's own client in a Python process. */
export class DrivenKernel {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;

  /**
   * @param environment the kernel's variables
   * @param folder the notebook's
   */
  constructor(environment: NodeJS.ProcessEnv = process.env, folder = root) {
    if (!existsSync(python)) throw new Error('The lab is not set up here: run `npm run setup`.');
    this.process = spawn(python, ['-I', path.join(__dirname, 'drive-kernel.py')], {
      cwd: folder,
      env: environment,
    });
    this.process.stderr.pipe(process.stderr);
    this.answers = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  /** Runs a cell; as soon as it publishes a message of a type, it is interrupted by Jupyter. */
  async run(
    code: string,
    interruptAt: 'execute_input' | 'stream' | 'update_display_data' | null = null,
  ): Promise<CellRun> {
    this.process.stdin.write(JSON.stringify({ code, interruptAt }) + '\n');
    return (await this.answer()) as CellRun;
  }

  /** Restarts the kernel while a cell runs, once it has printed something. Returns the seconds. */
  async restartIn(code: string): Promise<number> {
    this.process.stdin.write(JSON.stringify({ restartIn: code }) + '\n');
    return ((await this.answer()) as { restarted: number }).restarted;
  }

  /** Sends requests as they are while a cell runs, once it has printed something. */
  async sendDuring(code: string, requests: Request[]): Promise<SideRun> {
    this.process.stdin.write(JSON.stringify({ during: code, requests }) + '\n');
    return (await this.answer()) as SideRun;
  }

  /**
   * Runs a cell and answers what it asks its reader.
   * @param answers in order; null where the front end takes no input
   */
  async runAsking(
    code: string,
    answers: string[] | null,
  ): Promise<CellRun & { prompts: string[] }> {
    this.process.stdin.write(JSON.stringify({ asking: code, answers }) + '\n');
    return (await this.answer()) as CellRun & { prompts: string[] };
  }

  /** Sends a request on the control channel. Returns the content of its reply. */
  async control(type: string, content: unknown): Promise<Record<string, unknown>> {
    this.process.stdin.write(JSON.stringify({ control: type, content }) + '\n');
    return (await this.answer()) as Record<string, unknown>;
  }

  /** Starts a cell, which may stop at a breakpoint; `end` waits for it. */
  async begin(code: string): Promise<void> {
    await this.order({ begin: code });
  }

  /** Waits for a cell that was begun. */
  async end(): Promise<CellRun> {
    return (await this.order({ end: true })) as CellRun;
  }

  /** The next event of a debugger of one of these names; null where none has come in some seconds. */
  async event(names: string[], timeout = 20): Promise<DebugEvent | null> {
    return (await this.order({ event: names, timeout })) as DebugEvent | null;
  }

  async interrupt(): Promise<void> {
    await this.order({ interrupt: true });
  }

  async restart(): Promise<void> {
    await this.order({ restart: true });
  }

  /** Sends several cells at once, as "Run All" does. */
  async runBatch(...batch: string[]): Promise<CellRun[]> {
    this.process.stdin.write(JSON.stringify({ batch }) + '\n');
    const runs: CellRun[] = [];
    while (runs.length < batch.length) runs.push((await this.answer()) as CellRun);
    return runs;
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const closed = new Promise((resolve) => this.process.once('close', resolve));
    this.process.stdin.end();
    await closed;
  }

  private async order(order: object): Promise<unknown> {
    this.process.stdin.write(JSON.stringify(order) + '\n');
    return this.answer();
  }

  private async answer(): Promise<unknown> {
    const { value, done } = await this.answers.next();
    if (done) throw new Error('The process that drives the kernel ended without an answer.');
    return JSON.parse(value);
  }
}

/** The text that a cell wrote to standard output. */
export function stdoutOf(run: CellRun): string {
  return run.outputs
    .filter(({ type, content }) => type === 'stream' && content.name === 'stdout')
    .map(({ content }) => content.text)
    .join('');
}

/** The content of the one message of a type that a cell published. */
export function only(run: CellRun, type: string): Record<string, unknown> {
  const found = run.outputs.filter((output) => output.type === type);
  if (found.length !== 1) {
    throw new Error(`expected one ${type}, found ${JSON.stringify(run.outputs)}`);
  }
  return found[0].content;
}
