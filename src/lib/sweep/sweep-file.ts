import { isAlias, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import { FileError } from '../files/file-error';
import { readTextFile } from '../files/read-file';
import { LEARNER_NAMES, methodConfig, recipeOf } from '../methods/index';

export const NAME = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, 'expected letters, digits, ".", "_" and "-": it names folders');
const settings = z.record(z.unknown());

export const distinct = <Item extends z.ZodTypeAny>(item: Item) =>
  z
    .array(item)
    .min(1)
    .refine(
      (values) => new Set(values.map((each) => JSON.stringify(each))).size === values.length,
      {
        message: 'expected different values',
      },
    );

const rowSchema = z
  .object({
    name: NAME,
    title: z.string().optional(),
    method: z.enum(
      LEARNER_NAMES.filter((name) => name !== 'pre-training') as [string, ...string[]],
    ),
    settings: settings.default({}),
    /** Every combination of one value of each is a row of its own. */
    grid: z.record(distinct(z.unknown())).default({}),
    /** The row whose student is taken over. */
    student: z.string().optional(),
    /** Joint training: settings of the pre-training. */
    preTraining: settings.default({}),
  })
  .strict();

const sweepSchema = z
  .object({
    name: NAME,
    /** A folder in MVTec AD's layout, or "synthetic". */
    data: z.string(),
    /** "embedded", "random" or a file of ImageNet weights. */
    teacher: z.string(),
    /** Where the run folders go; default: runs/ and the name. */
    runs: z.string().optional(),
    categories: distinct(NAME),
    seeds: distinct(z.number().int().min(0)).default([0]),
    /** Of every row whose method has them. */
    settings: settings.default({}),
    rows: z.array(rowSchema).min(1),
    resources: z
      .object({
        cpus: z.number().int().min(1).default(1),
        gpus: z.number().int().min(0).default(0),
        /** MB. */
        memory: z.number().positive().default(3000),
      })
      .strict()
      .default({}),
  })
  .strict();

/** A sweep: rows of settings, each on every category with every seed. */
export type SweepFile = z.infer<typeof sweepSchema>;
export type Resources = SweepFile['resources'];

export type Problem = { path: readonly (string | number)[]; message: string };

/**
 * Reads a sweep, YAML or JSON.
 *
 * @throws FileError that names the line of each field that is wrong
 */
export function readSweepFile(file: string): SweepFile {
  return readFields(file, 'a sweep', sweepSchema, problemsOf);
}

/**
 * Reads YAML or JSON by a schema.
 *
 * @param problemsOf what is wrong with fields that each are right
 * @throws FileError that names the line of each field that is wrong
 */
export function readFields<Schema extends z.ZodTypeAny>(
  file: string,
  what: string,
  schema: Schema,
  problemsOf: (fields: z.infer<Schema>) => Problem[],
): z.infer<Schema> {
  const text = readTextFile(file, `${what}, YAML or JSON`);
  const lines = new LineCounter();
  let document: Document;
  let found: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines });
    if (document.errors.length > 0) throw document.errors[0];
    found = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const [line] = (cause as Error).message.split('\n');
    // The parser calls itself for each level, and there is no more room for calls.
    const why = /call stack/.test(line) ? 'values within values too deep' : line;
    throw new FileError(file, 'YAML or JSON', why, { cause });
  }
  const result = schema.safeParse(found);
  const problems = result.success
    ? problemsOf(result.data as z.infer<Schema>)
    : result.error.issues.map(inPlace);
  if (problems.length > 0) {
    const said = problems.map(
      ({ path, message }) =>
        `  line ${lineOf(document, lines, path)}: ${path.join('.') || '(file)'}: ${message}`,
    );
    throw new FileError(file, what, `an invalid one:\n${said.join('\n')}`);
  }
  return result.data as z.infer<Schema>;
}

/** An unknown field is an issue of the object around it: the line that is meant is the field's own. */
function inPlace(issue: z.ZodIssue): Problem {
  return issue.code === 'unrecognized_keys'
    ? { path: [...issue.path, issue.keys[0]], message: 'no such field' }
    : issue;
}

function lineOf(document: Document, lines: LineCounter, path: Problem['path']): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    const target = isAlias(node) ? node.resolve(document) : node;
    const range = (target as { range?: [number, number, number] } | undefined)?.range;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}

/** Settings that a method has, by name. */
export function settingsOf(method: string): Set<string> {
  return new Set(Object.keys(methodConfig({ recipe: recipeOf({ name: method }), category: 'x' })));
}

const FIXED = ['recipe', 'category', 'seed'];

function problemsOf({ rows, settings: shared, categories }: SweepFile): Problem[] {
  const problems: Problem[] = [];
  const known = rows.map(({ method }) => settingsOf(method));
  for (const name of Object.keys(shared)) {
    if (FIXED.includes(name) || !known.some((names) => names.has(name))) {
      problems.push({ path: ['settings', name], message: 'no method of the rows has it' });
    }
  }
  for (const [i, row] of rows.entries()) {
    const at = (...rest: string[]) => ['rows', i, ...rest];
    if (rows.findIndex(({ name }) => name === row.name) < i) {
      problems.push({ path: at('name'), message: `a second row "${row.name}"` });
    }
    for (const part of ['settings', 'grid'] as const) {
      for (const name of Object.keys(row[part])) {
        if (!FIXED.includes(name) && known[i].has(name)) continue;
        problems.push({ path: at(part, name), message: `${row.method} has no such setting` });
      }
    }
    if (row.method !== 'joint' && Object.keys(row.preTraining).length > 0) {
      problems.push({ path: at('preTraining'), message: 'only joint has a pre-training' });
    }
    if (row.student !== undefined) {
      const student = rows.findIndex(({ name }) => name === row.student);
      const isOne = student >= 0 && ['stfpm', 'joint'].includes(rows[student].method);
      if (!isOne || Object.keys(rows[student].grid).length > 0 || !known[i].has('autoEncoder')) {
        problems.push({
          path: at('student'),
          message: 'expected a row of stfpm or joint without a grid, for a method that takes one',
        });
      }
    }
    // Each combination as a whole, unless it is known to be wrong already.
    if (problems.some(({ path }) => path[0] === 'rows' && path[1] === i)) continue;
    for (const combination of combinations(row.grid)) {
      try {
        methodConfig({
          ...sharedOf(shared, known[i]),
          ...row.settings,
          ...combination,
          recipe: recipeOf({ name: row.method }),
          category: categories[0],
        });
      } catch (error) {
        const lines = (error as Error).message.split('\n').slice(1);
        const field = /^\s*([A-Za-z]+)/.exec(lines[0] ?? '')?.[1] ?? '';
        const places = [at('grid', field), at('settings', field), ['settings', field]];
        const place = [row.grid, row.settings, shared].findIndex((part) => field in part);
        problems.push({
          path: place < 0 ? at() : places[place],
          message:
            lines.map((line) => line.trim().replace(`${field}: `, '')).join('; ') ||
            (error as Error).message,
        });
        break;
      }
    }
  }
  return problems;
}

/** The settings for all rows that a method has. */
export function sharedOf(
  shared: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(shared).filter(([name]) => known.has(name)));
}

/** One value of each, in the order in which the last one changes first; one empty combination of none. */
export function combinations(
  grid: Readonly<Record<string, readonly unknown[]>>,
): Record<string, unknown>[] {
  return Object.entries(grid).reduce<Record<string, unknown>[]>(
    (before, [name, values]) =>
      before.flatMap((each) => values.map((value) => ({ ...each, [name]: value }))),
    [{}],
  );
}
