import { createHash } from 'crypto';
import * as path from 'path';
import { z } from 'zod';
import type { Dataset } from '../data/sample';
import type { Preset } from '../experiments/preset';
import type { PlannedRuns } from '../experiments/plan-runs';
import { FileError } from '../files/file-error';
import { readJsonFile } from '../files/read-file';
import { sha256Of } from '../files/sha256';
import { LEARNER_NAMES, learnerOf, methodConfig, recipeOf } from '../methods/index';
import type { DetectorConfig, MethodConfig } from '../methods/index';
import { settingsForStudent } from '../methods/student-teacher';
import type { TeacherSource } from '../models/teacher';
import { preTrainingConfig } from '../training/config';
import { combinations, settingsOf, sharedOf } from './sweep-file';
import type { Resources, SweepFile } from './sweep-file';

/** One `stfpm` command: a training or an evaluation. */
export interface PlanNode {
  /** Of the whole configuration, the data's content, the teacher, the lab's version and what it needs. */
  id: string;
  kind: 'train' | 'evaluate';
  /** The name of its run folder. */
  name: string;
  /** What follows `stfpm`. */
  argv: string[];
  /** Nodes that must be finished before, by id. */
  needs: string[];
  /** What it leaves, absolute: the run folder's model, or the record. */
  output: string;
  /** Of the run, complete. */
  config: MethodConfig;
  /** What the run must have been made from. */
  from: { data: string; trainImages: number; teacher?: string };
  cpus: number;
  gpus: number;
  /** MB. */
  memory: number;
  /** As estimated; null where nothing alike was measured. */
  seconds: number | null;
}

/** One run of a table's row. */
export interface PlanCell {
  row: string;
  seed: number;
  category: string;
  /** The evaluation, by id. */
  node: string;
}

/** A row of the table. Rows of one group differ in their category alone. */
export interface PlanRow extends Pick<Preset, 'title' | 'paper' | 'note'> {
  /** Unique. */
  name: string;
  group: string;
}

/** Everything that is to be run, and the table that comes of it. */
export interface Plan {
  what: 'stfpm sweep plan';
  name: string;
  /** The lab's version. */
  version: string;
  /** The folder of the run folders, absolute. */
  runs: string;
  /** Of the table, in its order; `name` is unique. */
  rows: PlanRow[];
  cells: PlanCell[];
  nodes: PlanNode[];
}

/** Images of a category, with the checksum of all of them. */
export interface PlanData {
  dataset: Pick<Dataset, 'root' | 'category' | 'train' | 'test'>;
  sha256: string;
}

/** A row and a seed, as runs. Runs without a name get one from their configuration. */
export interface PlannedCell {
  row: PlanRow;
  seed: number;
  data: PlanData;
  teacher: Pick<TeacherSource, 'kind' | 'sha256' | 'seed'> & { file?: string };
  preTraining: { name?: string; config: MethodConfig } | null;
  student: { name?: string; config: DetectorConfig } | null;
  run: { name?: string; config: DetectorConfig };
}

export interface PlanOptions {
  name: string;
  version: string;
  /** Absolute. */
  runs: string;
  resources: Resources;
  /** Seconds that a node may take; null where unknown. */
  estimate?: (kind: PlanNode['kind'], config: MethodConfig, data: PlanData) => number | null;
}

/** SHA-256 over the names and the contents of all images and masks of a category. */
export function dataChecksum({ root, train, test }: PlanData['dataset']): string {
  const hash = createHash('sha256');
  const files = [...train, ...test].flatMap(({ file, maskFile }) =>
    maskFile === null ? [file] : [file, maskFile],
  );
  for (const file of files.sort()) {
    hash.update(`${path.relative(root, file)}\0${sha256Of(file)}\n`);
  }
  return hash.digest('hex');
}

/** The rows of a sweep file on all categories with all seeds. */
export function cellsOfSweep(
  file: SweepFile,
  data: ReadonlyMap<string, PlanData>,
  teacher: PlannedCell['teacher'],
): PlannedCell[] {
  const { categories, seeds } = file;
  return file.rows.flatMap((row) =>
    combinations(row.grid).flatMap((combination) =>
      categories.flatMap((category) =>
        seeds.map((seed): PlannedCell => {
          const values = Object.entries(combination).map(([key, value]) => [
            key,
            typeof value === 'object' ? JSON.stringify(value) : String(value),
          ]);
          const own = [row.name, ...values.map(([key, value]) => `${key}=${value}`)].join(' ');
          const title = [row.title ?? row.name, ...values.map(([k, v]) => `${k} ${v}`)].join(', ');
          const { preTraining, student, config } = runsOf(file, row, combination, category, seed);
          return {
            row: { name: `${own} ${category}`, title: `${category}: ${title}`, group: own },
            seed,
            data: data.get(category)!,
            teacher,
            preTraining: preTraining && { config: preTraining },
            student: student && { config: student },
            run: { config },
          };
        }),
      ),
    ),
  );
}

function runsOf(
  file: SweepFile,
  row: SweepFile['rows'][number],
  combination: Record<string, unknown>,
  category: string,
  seed: number,
): {
  preTraining: MethodConfig | null;
  student: DetectorConfig | null;
  config: DetectorConfig;
} {
  const studentRow = file.rows.find(({ name }) => name === row.student);
  const before = studentRow ? runsOf(file, studentRow, {}, category, seed) : null;
  const config = methodConfig({
    ...sharedOf(file.settings, settingsOf(row.method)),
    ...row.settings,
    ...combination,
    ...(before && settingsForStudent(before.config)),
    ...{ recipe: recipeOf({ name: row.method }), category, seed },
  }) as DetectorConfig;
  if (config.recipe !== 'joint' || config.mode === 'raw') {
    return { preTraining: before?.preTraining ?? null, student: before?.config ?? null, config };
  }
  const { autoEncoder, imageSize, resizeFilter, augmentedImages } = config;
  const shape = { autoEncoder, imageSize, resizeFilter, augmentedImages };
  const preTraining = preTrainingConfig({
    ...sharedOf(file.settings, settingsOf('pre-training')),
    ...row.preTraining,
    ...shape,
    ...{ category, seed },
  } as Parameters<typeof preTrainingConfig>[0]);
  return { preTraining, student: null, config };
}

/** A row of an experiment of `stfpm reproduce`, with the names of its run folders. */
export function cellOfPreset(
  { preset, seed, preTraining, student, run }: PlannedRuns,
  data: PlanData,
  teacher: PlannedCell['teacher'],
): PlannedCell {
  const { name, title, paper, note } = preset;
  return {
    row: {
      ...{ name, title, group: name },
      ...(paper && { paper }),
      ...(note !== undefined && { note }),
    },
    ...{ seed, data, teacher },
    ...{ preTraining, student, run },
  };
}

/** JSON with sorted keys: equal values give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/**
 * The commands of all cells; equal ones are there once.
 *
 * @throws Error for a row that holds the same run twice
 */
export function makePlan(cells: readonly PlannedCell[], options: PlanOptions): Plan {
  const nodes = new Map<string, PlanNode>();
  const rows = new Map<string, Plan['rows'][number]>();
  const planned = cells.map((cell): PlanCell => {
    rows.set(cell.row.name, cell.row);
    const before = cell.preTraining && trainNode(cell, cell.preTraining, [], options);
    const student =
      cell.student &&
      trainNode(cell, cell.student, before ? [['--auto-encoders', before]] : [], options);
    const begin: [string, PlanNode][] = student
      ? [['--student', student]]
      : before
        ? [['--auto-encoders', before]]
        : [];
    const run = trainNode(cell, cell.run, begin, options);
    const evaluation = evaluateNode(cell, run, options);
    for (const node of [before, student, run, evaluation]) {
      if (node && !nodes.has(node.id)) nodes.set(node.id, node);
    }
    const { category } = cell.data.dataset;
    return { row: cell.row.name, seed: cell.seed, category, node: evaluation.id };
  });
  const seen = new Set<string>();
  for (const { row, node } of planned) {
    if (seen.has(`${row} ${node}`)) throw new Error(`${row}: the same run is there twice.`);
    seen.add(`${row} ${node}`);
  }
  const folders = new Map<string, string>();
  for (const { kind, name, id } of nodes.values()) {
    const other = folders.get(`${kind} ${name}`);
    if (other !== undefined && other !== id) {
      throw new Error(`${name}: two different runs would share this folder.`);
    }
    folders.set(`${kind} ${name}`, id);
  }
  const { name, version, runs } = options;
  return {
    ...{ what: 'stfpm sweep plan', name, version, runs },
    ...{ rows: [...rows.values()], cells: planned, nodes: [...nodes.values()] },
  };
}

function trainNode(
  { data, teacher, seed }: PlannedCell,
  { name, config }: { name?: string; config: MethodConfig },
  begin: readonly (readonly [string, PlanNode])[],
  { version, runs, resources, estimate }: PlanOptions,
): PlanNode {
  const learner = learnerOf(config);
  const source = learner.usesTeacher ? teacher : null;
  const needs = begin.map(([, { id }]) => id);
  const id = idOf({
    ...{ kind: 'train', config, data: data.sha256, version, needs },
    teacher: source && { kind: source.kind, sha256: source.sha256, seed: source.seed },
  });
  const { root, category, train } = data.dataset;
  const folder = name ?? `${learner.name}-${category}-seed${seed}-${id.slice(0, 8)}`;
  const method = LEARNER_NAMES.find((each) => recipeOf({ name: each }) === config.recipe)!;
  return {
    ...{ id, kind: 'train', name: folder },
    argv: [
      ...['train', '--method', method, '--category', category, '--data', root],
      ...teacherOptions(source),
      ...begin.flatMap(([option, node]) => [option, path.join(runs, node.name)]),
      ...['--settings', JSON.stringify(config), '--out', path.join(runs, folder)],
    ],
    needs,
    output: path.join(runs, folder, 'model.safetensors'),
    config,
    from: {
      data: data.sha256,
      trainImages: train.length,
      ...(source?.sha256 !== undefined && { teacher: source.sha256 }),
    },
    ...resources,
    seconds: estimate?.('train', config, data) ?? null,
  };
}

function evaluateNode(
  { data, teacher, row }: PlannedCell,
  run: PlanNode,
  { version, runs, resources, estimate }: PlanOptions,
): PlanNode {
  const folder = path.join(runs, run.name);
  const output = path.join(folder, 'result.json');
  const isFile = learnerOf(run.config).usesTeacher && teacher.kind === 'file';
  return {
    ...{ id: idOf({ kind: 'evaluate', needs: [run.id], version }), kind: 'evaluate' },
    name: run.name,
    argv: [
      ...['evaluate', folder, '--data', data.dataset.root],
      ...(isFile ? teacherOptions(teacher) : []),
      ...['--result', output, '--preset', row.name],
    ],
    ...{ needs: [run.id], output, config: run.config, from: run.from },
    ...resources,
    seconds: estimate?.('evaluate', run.config, data) ?? null,
  };
}

function idOf(content: object): string {
  return createHash('sha256').update(canonical(content)).digest('hex').slice(0, 20);
}

function teacherOptions(teacher: PlannedCell['teacher'] | null): string[] {
  if (teacher?.kind === 'embedded') return ['--embedded-teacher'];
  if (teacher?.kind === 'random') return ['--random-teacher'];
  return teacher?.file === undefined ? [] : ['--weights', teacher.file];
}

const planSchema = z.object({
  what: z.literal('stfpm sweep plan'),
  name: z.string(),
  version: z.string(),
  runs: z.string(),
  rows: z.array(z.object({ name: z.string(), title: z.string(), group: z.string() })),
  cells: z.array(
    z.object({ row: z.string(), seed: z.number(), category: z.string(), node: z.string() }),
  ),
  nodes: z.array(
    z
      .object({
        id: z.string().regex(/^[0-9a-f]{20}$/),
        kind: z.enum(['train', 'evaluate']),
        name: z.string(),
        argv: z.array(z.string()),
        needs: z.array(z.string()),
        output: z.string(),
        cpus: z.number(),
        gpus: z.number(),
        memory: z.number(),
        seconds: z.number().nullable(),
      })
      .passthrough(),
  ),
});

/** @throws FileError when it is not a plan */
export function readPlan(file: string): Plan {
  const expected = 'a plan (`stfpm sweep plan FILE --out PLAN`)';
  const content = readJsonFile(file, expected);
  const result = planSchema.safeParse(content);
  if (result.success) return content as Plan;
  const { path: where, message } = result.error.issues[0];
  throw new FileError(file, expected, `${where.join('.') || 'something'}: ${message}`);
}
