import { execFile } from 'child_process';
import { shellQuoted } from './engine';
import type { Engine, Job, JobState } from './engine';
import type { PlanNode } from './plan';

export interface SlurmOptions {
  /** Jobs that the queue is given at once. */
  inFlight: number;
  /** Further options of sbatch, e.g. --partition=gpu. */
  sbatch?: readonly string[];
}

const WAITING = ['PENDING', 'CONFIGURING', 'REQUEUED', 'SUSPENDED', 'REQUEUE_HOLD'];

/**
 * Jobs of a Slurm cluster, by sbatch, squeue and scancel: a job that has left the queue has ended, and its run folder
 * says how, so that no accounting is needed. Its nodes share the folders of data and runs.
 */
export class SlurmEngine implements Engine {
  readonly name = 'slurm';
  readonly endsWithCoordinator = false;

  constructor(private readonly options: SlurmOptions) {}

  async open(): Promise<void> {
    await call('sbatch', ['--version']);
    await call('squeue', ['--noheader', '--format=%i']);
  }

  hasRoom(_: PlanNode, active: readonly PlanNode[]): boolean {
    return active.length < this.options.inFlight;
  }

  async submit({ submission, node, command, env, log }: Job): Promise<Record<string, string>> {
    // One that was submitted by a coordinator that was killed before it could say so.
    const there = (await queued([submission])).find(({ name }) => name === submission);
    if (there) return { job: there.job };
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const job = await call('sbatch', [
      ...['--parsable', `--job-name=${submission}`, `--cpus-per-task=${node.cpus}`],
      ...[`--mem=${Math.ceil(node.memory)}M`, `--output=${log}`, '--open-mode=append'],
      // A node that is lost is the coordinator's to begin again: it counts the attempts.
      ...['--no-requeue', '--signal=B:TERM@60'],
      ...(node.gpus > 0 ? [`--gres=gpu:${node.gpus}`] : []),
      ...(this.options.sbatch ?? []),
      `--wrap=exec ${shellQuoted(['env', ...variables, ...command])}`,
    ]);
    return { job: job.trim().split(';')[0] };
  }

  async states(submissions: readonly { id: string }[]): Promise<Map<string, JobState>> {
    const jobs = await queued(submissions.map(({ id }) => id));
    return new Map(
      submissions.map(({ id }) => {
        const found = jobs.find(({ name }) => name === id);
        if (!found) return [id, 'ended'];
        return [id, WAITING.includes(found.state) ? 'waiting' : 'running'];
      }),
    );
  }

  logs(): Promise<string> {
    return Promise.resolve('');
  }

  async cancel({ id }: { id: string }): Promise<void> {
    await call('scancel', ['--full', '--signal=TERM', `--name=${id}`]);
    // Those that wait get no signal.
    await call('scancel', ['--state=PENDING', `--name=${id}`]);
  }
}

/** The jobs of these names that are in the queue and have not ended. */
async function queued(
  names: readonly string[],
): Promise<{ name: string; job: string; state: string }[]> {
  if (names.length === 0) return [];
  const text = await call('squeue', [
    '--noheader',
    '--format=%j|%i|%T',
    `--name=${names.join(',')}`,
  ]);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name, job, state] = line.trim().split('|');
      return { name, job, state };
    });
}

function call(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.code === ('ENOENT' as unknown)) {
        reject(
          new Error(
            `Expected Slurm's ${program} on the PATH, found none: run this on a login node, or ` +
              'install the client (Debian: slurm-client).',
            { cause: error },
          ),
        );
      } else {
        const said = stderr.trim() || error.message;
        reject(new Error(`${program}: expected it to end well, found: ${said}`, { cause: error }));
      }
    });
  });
}
