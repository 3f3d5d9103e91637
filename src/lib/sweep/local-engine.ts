import { spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import { isRunning, startOf } from '../files/process-identity';
import type { Engine, Job, JobState } from './engine';
import type { PlanNode } from './plan';

export interface LocalOptions {
  /** Cores to use. Default: all. */
  cpus?: number;
  /** MB to use. Default: nine tenths of what the machine has. */
  memory?: number;
  /** Default 0. */
  gpus?: number;
}

type Handle = Record<string, string | number>;

/**
 * Child processes of this machine, by cores and memory. They outlive a coordinator that is killed; the next one finds
 * them by process and start.
 */
export class LocalEngine implements Engine {
  readonly name = 'local';
  readonly endsWithCoordinator = true;
  private readonly cpus: number;
  private readonly memory: number;
  private readonly gpus: number;
  private readonly devices = new Map<string, number[]>();

  constructor({ cpus, memory, gpus = 0 }: LocalOptions = {}) {
    this.cpus = cpus ?? os.availableParallelism();
    this.memory = memory ?? (0.9 * os.totalmem()) / 1e6;
    this.gpus = gpus;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  hasRoom(node: PlanNode, active: readonly PlanNode[]): boolean {
    const all = [...active, node];
    const sum = (name: 'cpus' | 'gpus' | 'memory') =>
      all.reduce((total, each) => total + each[name], 0);
    if (active.length === 0) {
      for (const name of ['cpus', 'gpus', 'memory'] as const) {
        if (node[name] <= this[name]) continue;
        throw new Error(
          `${node.name}: expected at most ${Math.floor(this[name])} ${name === 'memory' ? 'MB of memory' : name}, which are to be had here, found ${node[name]} in the plan.`,
        );
      }
    }
    return sum('cpus') <= this.cpus && sum('memory') <= this.memory && sum('gpus') <= this.gpus;
  }

  async submit({ submission, node, command, env, log }: Job): Promise<Handle> {
    const devices = this.freeDevices(node.gpus);
    const [program, ...args] = command;
    const output = fs.openSync(log, 'a');
    try {
      const child = spawn(program, args, {
        // Of its own group: a terminal's Ctrl-C reaches it by way of the coordinator alone.
        detached: true,
        stdio: ['ignore', output, output],
        env: {
          ...process.env,
          ...env,
          ...(devices.length > 0 && { CUDA_VISIBLE_DEVICES: devices.join(',') }),
        },
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve).once('error', reject);
      });
      this.devices.set(submission, devices);
      child.once('exit', () => this.devices.delete(submission));
      child.unref();
      return { pid: child.pid!, start: startOf(child.pid!) ?? '', host: os.hostname() };
    } finally {
      fs.closeSync(output);
    }
  }

  private freeDevices(count: number): number[] {
    const used = new Set([...this.devices.values()].flat());
    return Array.from({ length: this.gpus }, (_, i) => i)
      .filter((device) => !used.has(device))
      .slice(0, count);
  }

  states(submissions: readonly { id: string; handle: Handle }[]): Promise<Map<string, JobState>> {
    return Promise.resolve(
      new Map(submissions.map(({ id, handle }) => [id, isAlive(id, handle) ? 'running' : 'ended'])),
    );
  }

  logs(): Promise<string> {
    return Promise.resolve('');
  }

  cancel({ id, handle }: { id: string; handle: Handle }): Promise<void> {
    try {
      if (isAlive(id, handle)) process.kill(Number(handle.pid), 'SIGTERM');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    return Promise.resolve();
  }
}

/** @throws Error for a process of another machine, of which nothing can be known here */
function isAlive(id: string, { pid, start, host }: Handle): boolean {
  if (pid === undefined) return false;
  if (host !== os.hostname()) {
    throw new Error(
      `${id}: expected a process of this machine, found one that was started on ${host}: go on ` +
        'there, or delete the file of that name in the folder .sweep if it has ended.',
    );
  }
  return isRunning(Number(pid), start === '' ? null : String(start));
}
