import * as fs from 'fs';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { commandOf, environmentOf } from './engine';
import type { Engine, JobState } from './engine';
import { takeLease } from '../files/lease';
import {
  exitCodeOf,
  isFinished,
  logTail,
  nodeFiles,
  readSubmission,
  sweepToken,
  writeSubmission,
} from './node-state';
import type { Submission } from './node-state';
import type { Plan, PlanNode } from './plan';

/** 'queued': the engine has it and has not begun it; 'ready': nothing is missing but room; 'waiting': for what it needs. */
export type NodeState =
  'finished' | 'running' | 'queued' | 'ready' | 'waiting' | 'failed' | 'blocked';

export interface SweepStatus {
  states: Map<string, NodeState>;
  /** Of those that failed, in a sentence. */
  reasons: Map<string, string>;
}

export interface CoordinateOptions {
  /** How often a job that ended without its output is begun again. Default 1. */
  retries?: number;
  /** Between two looks, in seconds. Default 1. */
  pollSeconds?: number;
  signal?: AbortSignal;
  onStatus?: (status: SweepStatus) => void;
  /** An event that everybody sees, in a sentence. */
  onEvent?: (text: string) => void;
}

/** Exit codes that another attempt would give again: a wrong command line, and training that diverged. */
const CERTAIN = [2, 3];
/** How often in a row an engine may fail to say how its jobs are, or refuse a job while it has none. */
const PATIENCE = 10;
/** Submissions that were never failures of a run. */
const NOT_RUN = { stopped: 'stopped', refused: 'not submitted' } as const;

/**
 * Runs what is missing of a plan, in the order of its needs. All that it must remember lies beside the run folders: it
 * may be killed and started again anywhere that sees them, finds the jobs that go on, and begins nothing twice.
 *
 * @throws FileError when another coordinator works on these runs; Error when the engine cannot be reached; the signal's
 *   reason when it is stopped
 */
export async function coordinate(
  plan: Plan,
  engine: Engine,
  options: CoordinateOptions = {},
): Promise<SweepStatus> {
  await engine.open();
  const lease = await takeLease(path.join(plan.runs, '.sweep', 'coordinator'), 'runs a sweep here');
  try {
    return await new Coordinator(plan, engine, options).run(() => lease.requireHeld());
  } finally {
    lease.release();
  }
}

class Coordinator {
  private readonly states = new Map<string, NodeState>();
  private readonly reasons = new Map<string, string>();
  private readonly active = new Map<string, Submission>();
  private readonly attempts = new Map<string, number>();
  private silent = 0;
  private refused = 0;
  private said = '';
  private token = '';

  constructor(
    private readonly plan: Plan,
    private readonly engine: Engine,
    private readonly options: CoordinateOptions,
  ) {}

  async run(requireHeld: () => void): Promise<SweepStatus> {
    const { signal, pollSeconds = 1 } = this.options;
    const { plan, states, engine } = this;
    this.token = sweepToken(plan);
    for (const node of plan.nodes) this.begin(node);
    for (;;) {
      if (signal?.aborted) await this.stop(signal);
      requireHeld();
      await this.look();
      this.derive();
      for (const node of plan.nodes) {
        if (signal?.aborted) break;
        if (states.get(node.id) !== 'ready') continue;
        const active = plan.nodes.filter(({ id }) => this.active.has(id));
        if (engine.hasRoom(node, active) && !(await this.submit(node))) break;
      }
      this.derive();
      this.options.onStatus?.(this.status());
      if (this.active.size === 0 && ![...states.values()].includes('ready')) return this.status();
      await sleep(1000 * pollSeconds, undefined, { signal }).catch(() => undefined);
    }
  }

  private status(): SweepStatus {
    return { states: this.states, reasons: this.reasons };
  }

  /** What an earlier coordinator left of a node. */
  private begin(node: PlanNode): void {
    if (this.finishedNow(node)) return;
    const before = readSubmission(this.plan, node);
    // What failed before is tried again: somebody asked for it by starting anew.
    this.attempts.set(node.id, 0);
    if (!before || before.failed !== undefined) return;
    if (before.engine !== this.engine.name) {
      throw new Error(
        `${node.name}: was given to ${before.engine} and has not ended, as far as is known: go on with ` +
          `--on ${before.engine}, or stop it by \`stfpm sweep cancel\` first.`,
      );
    }
    this.active.set(node.id, before);
    this.states.set(node.id, 'running');
  }

  /** Whether it is done; a folder with another run in it is a failure. */
  private finishedNow(node: PlanNode): boolean {
    try {
      if (!isFinished(node)) return false;
      this.states.set(node.id, 'finished');
    } catch (error) {
      this.states.set(node.id, 'failed');
      this.reasons.set(node.id, (error as Error).message);
    }
    return true;
  }

  /** What has become of the jobs. */
  private async look(): Promise<void> {
    if (this.active.size === 0) return;
    let found: Map<string, JobState>;
    try {
      found = await this.engine.states([...this.active.values()]);
      this.silent = 0;
    } catch (error) {
      if (++this.silent >= PATIENCE) throw error;
      this.options.onEvent?.(`${(error as Error).message} Asking again.`);
      return;
    }
    for (const node of this.plan.nodes) {
      const submission = this.active.get(node.id);
      if (!submission) continue;
      const state = found.get(submission.id) ?? 'ended';
      if (state === 'ended') await this.end(node, submission);
      else this.states.set(node.id, state === 'waiting' ? 'queued' : 'running');
    }
  }

  private async end(node: PlanNode, submission: Submission): Promise<void> {
    this.active.delete(node.id);
    if (this.finishedNow(node)) return;
    const code = exitCodeOf(this.plan, node);
    const tries = this.attempts.get(node.id) ?? 0;
    const said = logTail(this.plan, node, 1)[0] ?? (await this.engineSays(submission.id));
    const how = code === null ? 'killed, or never begun' : `exit code ${code}`;
    const reason = `${how}${said ? `: ${said}` : ''}`;
    writeSubmission(this.plan, node, { ...submission, failed: reason });
    const { retries = 1 } = this.options;
    if (tries <= retries && !(code !== null && CERTAIN.includes(code)) && tries > 0) {
      this.options.onEvent?.(`${node.kind} ${node.name}: ${reason}; trying again`);
      this.states.delete(node.id);
    } else if (tries === 0) {
      // It ended while nobody looked: that attempt was not this coordinator's.
      this.states.delete(node.id);
    } else {
      this.options.onEvent?.(`${node.kind} ${node.name}: failed, ${reason}`);
      this.states.set(node.id, 'failed');
      this.reasons.set(node.id, reason);
    }
  }

  private async engineSays(id: string): Promise<string> {
    const text = await this.engine.logs(id).catch(() => '');
    return text.trim().split('\n').at(-1) ?? '';
  }

  /** Ready or blocked, by what a node needs. */
  private derive(): void {
    for (const { id, needs } of this.plan.nodes) {
      const state = this.states.get(id);
      if (state !== undefined && !['ready', 'blocked', 'waiting'].includes(state)) {
        continue;
      }
      if (this.active.has(id)) continue;
      const before = needs.map((need) => this.states.get(need));
      if (before.some((each) => each === 'failed' || each === 'blocked')) {
        this.states.set(id, 'blocked');
      } else {
        this.states.set(id, before.every((each) => each === 'finished') ? 'ready' : 'waiting');
      }
    }
  }

  /**
   * @returns whether the engine took it; a queue that is full is asked again, for as long as something of this sweep is
   *   in it
   */
  private async submit(node: PlanNode): Promise<boolean> {
    const { plan, engine } = this;
    const files = nodeFiles(plan, node);
    const attempt = (readSubmission(plan, node)?.attempt ?? 0) + 1;
    const id = `stfpm-${node.id}-${this.token}-${attempt}`;
    fs.mkdirSync(path.dirname(files.log), { recursive: true });
    fs.rmSync(files.exit, { force: true });
    const submission: Submission = { id, attempt, engine: engine.name, handle: {} };
    // Before it is asked for: a job that is in the queue but not in this file would be begun twice.
    writeSubmission(plan, node, submission);
    let handle: Submission['handle'];
    try {
      handle = await engine.submit({
        submission: id,
        node,
        command: commandOf(node, files.exit),
        env: environmentOf(node),
        log: files.log,
      });
    } catch (error) {
      // The submission's name is the same next time, so that one that arrived after all is found.
      writeSubmission(plan, node, {
        ...submission,
        ...{ attempt: attempt - 1, failed: NOT_RUN.refused },
      });
      if (this.active.size === 0 && ++this.refused >= PATIENCE) throw error;
      const { message } = error as Error;
      if (message !== this.said) this.options.onEvent?.(`${node.name}: ${message} Asking again.`);
      this.said = message;
      return false;
    }
    this.refused = 0;
    writeSubmission(plan, node, { ...submission, handle });
    this.active.set(node.id, { ...submission, handle });
    this.attempts.set(node.id, (this.attempts.get(node.id) ?? 0) + 1);
    this.states.set(node.id, 'running');
    return true;
  }

  /** Stops what ends with the coordinator, and waits until all is saved. */
  private async stop(signal: AbortSignal): Promise<never> {
    if (this.engine.endsWithCoordinator) {
      for (const submission of this.active.values()) await this.engine.cancel(submission);
      for (;;) {
        const states = await this.engine.states([...this.active.values()]);
        if ([...states.values()].every((state) => state === 'ended')) break;
        await sleep(200);
      }
      for (const node of this.plan.nodes) {
        const submission = this.active.get(node.id);
        if (submission)
          writeSubmission(this.plan, node, { ...submission, failed: NOT_RUN.stopped });
      }
    }
    throw signal.reason;
  }
}

/** How a plan's nodes are by what lies on the disk alone. */
export function statusOnDisk(plan: Plan): SweepStatus {
  const states = new Map<string, NodeState>();
  const reasons = new Map<string, string>();
  for (const node of plan.nodes) {
    try {
      const submission = readSubmission(plan, node);
      if (isFinished(node)) states.set(node.id, 'finished');
      else if (submission?.failed !== undefined) {
        const wasRun = !Object.values<string>(NOT_RUN).includes(submission.failed);
        states.set(node.id, wasRun ? 'failed' : 'ready');
        reasons.set(node.id, submission.failed);
      } else if (submission) states.set(node.id, 'running');
      else {
        const before = node.needs.map((need) => states.get(need));
        const isBlocked = before.some((each) => each === 'failed' || each === 'blocked');
        const isReady = before.every((each) => each === 'finished');
        states.set(node.id, isBlocked ? 'blocked' : isReady ? 'ready' : 'waiting');
      }
    } catch (error) {
      states.set(node.id, 'failed');
      reasons.set(node.id, (error as Error).message);
    }
  }
  return { states, reasons };
}
