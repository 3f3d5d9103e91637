import * as path from 'path';
import type { PlanNode } from './plan';

/** A node as an engine is given it: the same command for all engines. */
export interface Job {
  /** Deterministic: who submits it twice submits it once. */
  submission: string;
  node: PlanNode;
  /** Program and arguments. */
  command: string[];
  env: Record<string, string>;
  /** Takes standard output and standard error. */
  log: string;
}

export type JobState = 'waiting' | 'running' | 'ended';

/** What starts jobs. It knows nothing of plans, and decides nothing of success: that is in the run folders. */
export interface Engine {
  readonly name: string;
  /** Whether its jobs are to be stopped, with all saved, when the coordinator is. */
  readonly endsWithCoordinator: boolean;
  /** @throws Error in one sentence when it cannot be reached */
  open(): Promise<void>;
  /** Whether a node can be given to it beside those that it has. */
  hasRoom(node: PlanNode, active: readonly PlanNode[]): boolean;
  /** @returns what a later coordinator needs to find it */
  submit(job: Job): Promise<Record<string, string | number>>;
  /** Of submissions with what `submit` gave; a job that is not known has ended. */
  states(
    submissions: readonly { id: string; handle: Record<string, string | number> }[],
  ): Promise<Map<string, JobState>>;
  /** What the engine itself has to say of a job, where its log is silent. */
  logs(submission: string): Promise<string>;
  /** Asks a job to stop and save. */
  cancel(submission: { id: string; handle: Record<string, string | number> }): Promise<void>;
}

/** Calls the command line's `main`, and writes its exit code into a file: engines that end a job do not all tell. */
const PROGRAM =
  'const [main, exit, ...args] = process.argv.slice(1); require(main).main(args).then((code) => ' +
  "{ process.exitCode = code; require('fs').writeFileSync(exit, String(code)); })";

/** The command of a node. */
export function commandOf({ argv }: PlanNode, exitFile: string): string[] {
  const main = path.join(__dirname, '..', '..', 'cli', 'main');
  return [process.execPath, '-e', PROGRAM, '--', main, exitFile, ...argv];
}

/** The threads that a node is granted, for TensorFlow, ONNX Runtime, the image library and whatever uses OpenMP. */
export function environmentOf({ cpus, gpus }: PlanNode): Record<string, string> {
  const threads = String(cpus);
  const passed = ['NODE_OPTIONS', 'MVTEC_AD_ROOT', 'XDG_CACHE_HOME'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    TF_NUM_INTRAOP_THREADS: threads,
    TF_NUM_INTEROP_THREADS: '1',
    OMP_NUM_THREADS: threads,
    STFPM_THREADS: threads,
    VIPS_CONCURRENCY: threads,
    ...(gpus === 0 && { CUDA_VISIBLE_DEVICES: '-1' }),
  };
}

/** For a POSIX shell. */
export function shellQuoted(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
