import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { isDeepStrictEqual } from 'util';
import { writeFileAtomic } from '../files/atomic-write';
import { isComplete, readRunConfig } from '../runs/run-config';
import { RunFolder } from '../training/run-folder';
import type { Plan, PlanNode } from './plan';
import { readJsonFile, readTextFile } from '../files/read-file';

/** What a coordinator has written of a node, for the next one. */
export interface Submission {
  /** Of the node, the folder of the runs and the attempt. */
  id: string;
  attempt: number;
  /** Who was asked to run it. */
  engine: string;
  /** Of the engine: a process with its start and machine, for example. */
  handle: Record<string, string | number>;
  /** Whether it ended without its output. */
  failed?: string;
}

/** Files about a node beside the run folders. */
export function nodeFiles({ runs }: Pick<Plan, 'runs'>, { id }: Pick<PlanNode, 'id'>) {
  const file = (extension: string) => path.join(runs, '.sweep', `${id}.${extension}`);
  return { submission: file('json'), log: file('log'), exit: file('exit') };
}

/**
 * A name for this folder of runs, made once: an engine may know the same node of another folder, or of one that was
 * deleted since, and would take its job for this one's.
 */
export function sweepToken({ runs }: Pick<Plan, 'runs'>): string {
  const file = path.join(runs, '.sweep', 'token');
  if (!fs.existsSync(file)) writeFileAtomic(file, randomBytes(4).toString('hex'));
  return readTextFile(file, 'the name of a folder of runs').trim();
}

export function readSubmission(plan: Plan, node: PlanNode): Submission | null {
  const file = nodeFiles(plan, node).submission;
  if (!fs.existsSync(file)) return null;
  return readJsonFile(file, 'the submission of a run') as Submission;
}

export function writeSubmission(plan: Plan, node: PlanNode, submission: Submission): void {
  writeFileAtomic(nodeFiles(plan, node).submission, `${JSON.stringify(submission, null, 2)}\n`);
}

/** The exit code that the command itself left; null while it runs, and where it was killed. */
export function exitCodeOf(plan: Plan, node: PlanNode): number | null {
  try {
    return Number(readTextFile(nodeFiles(plan, node).exit, 'an exit code'));
  } catch {
    return null;
  }
}

/** The last lines of a node's log that say something. */
export function logTail(plan: Plan, node: PlanNode, lines = 3): string[] {
  let text: string;
  try {
    text = readTextFile(nodeFiles(plan, node).log, 'the log of a run');
  } catch {
    return [];
  }
  const kept = text.split('\n').filter((line) => line.trim() !== '');
  return kept.slice(-lines);
}

/**
 * Whether a node's output is there, whole and made with just its settings, whoever made it.
 *
 * @throws Error naming the run folder, when it holds a finished run of other settings
 */
export function isFinished(node: PlanNode): boolean {
  const run = new RunFolder(path.dirname(node.output));
  if (!run.exists || !isComplete(run, node.config)) return false;
  requireSame(run, node);
  if (node.kind === 'train') return true;
  const time = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  const [result, model] = [time(node.output), time(run.file('model.safetensors'))];
  return result !== undefined && model !== undefined && result >= model;
}

/** What a training finds in its images, where the plan does not say it. */
const FOUND = ['valueRange', 'roi'];

function requireSame(run: RunFolder, { config, from }: PlanNode): void {
  const found = readRunConfig(run);
  const had: Partial<Record<string, unknown>> = found.config;
  const differences = Object.entries(config).flatMap(([name, value]) =>
    name === 'divergenceFactor' ||
    (value === null && FOUND.includes(name)) ||
    isDeepStrictEqual(had[name], value)
      ? []
      : [`${name}: the run has ${JSON.stringify(had[name])}, the plan ${JSON.stringify(value)}`],
  );
  if (found.dataset.trainImages !== from.trainImages) {
    differences.push(
      `train images: the run has ${found.dataset.trainImages}, the plan ${from.trainImages}`,
    );
  }
  if (from.teacher !== undefined && found.teacher.sha256 !== from.teacher) {
    differences.push('teacher: the run has another one than the plan');
  }
  if (differences.length === 0) return;
  throw new Error(
    `${run.folder}: holds a run with other settings than the plan.\n  ${differences.join('\n  ')}`,
  );
}
