import { spawn } from 'child_process';
import type { ChildProcessWithoutNullStreams } from 'child_process';
import * as path from 'path';
import { createInterface } from 'readline';
import type { ErrorReply, Request, RunReply, StartReply, StopReply } from './protocol';

/** How a program is started; null when it is not installed. */
export type Command = { executable: string; args: string[] };

/** How many characters of a process's own messages an error shows. */
const MESSAGES_SHOWN = 2000;

/** A process that does one kind of work whenever it is asked to, and waits without computing otherwise. */
export class Subject {
  private readonly replies: AsyncIterator<string>;
  private messages = '';

  private constructor(
    readonly name: string,
    private readonly process: ChildProcessWithoutNullStreams,
  ) {
    this.replies = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    process.stderr.on('data', (chunk: Buffer) => {
      this.messages = (this.messages + chunk.toString()).slice(-MESSAGES_SHOWN);
    });
    // Writing to a process that has died; the missing reply tells it.
    process.stdin.on('error', () => undefined);
    process.on('error', (error) => (this.messages += error.message));
  }

  /**
   * Starts a process and lets it prepare its work.
   *
   * @throws Error with the process's own messages when it fails
   */
  static async start(
    name: string,
    command: Command,
    work: { workload: string; threads: number; [option: string]: unknown },
  ): Promise<{ subject: Subject; started: StartReply }> {
    const threads = String(work.threads);
    const child = spawn(command.executable, command.args, {
      cwd: path.resolve(__dirname, '..'),
      env: {
        ...process.env,
        TF_NUM_INTRAOP_THREADS: threads,
        OMP_NUM_THREADS: threads,
        OPENBLAS_NUM_THREADS: threads,
      },
    });
    const subject = new Subject(name, child);
    try {
      const started = await subject.ask<StartReply>({ do: 'start', ...work });
      return { subject, started };
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  run(repeats: number): Promise<RunReply> {
    return this.ask<RunReply>({ do: 'run', repeats });
  }

  async stop(): Promise<StopReply> {
    const reply = await this.ask<StopReply>({ do: 'stop' });
    this.process.stdin.end();
    return reply;
  }

  kill(): void {
    this.process.kill();
  }

  private async ask<Reply extends object>(request: Request): Promise<Reply> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.replies.next();
    if (line.done) {
      throw new Error(
        `${this.name}: expected a reply to "${request.do}", found the end.\n${this.messages}`,
      );
    }
    const reply = JSON.parse(line.value) as Reply | ErrorReply;
    if ('error' in reply) throw new Error(`${this.name}: "${request.do}" failed.\n${reply.error}`);
    return reply;
  }
}
