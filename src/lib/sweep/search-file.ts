import { isDeepStrictEqual } from 'util';
import { z } from 'zod';
import { LEARNER_NAMES, methodConfig, recipeOf } from '../methods/index';
import type { Dimension } from './optuna';
import { combinations, distinct, NAME, readFields, settingsOf } from './sweep-file';
import type { Problem, SweepFile } from './sweep-file';

const among = z
  .object({
    among: distinct(z.unknown()).refine((values) => values.length > 1, 'expected several'),
  })
  .strict();
const range = z
  .object({ from: z.number(), to: z.number(), log: z.boolean().default(false) })
  .strict()
  .refine(({ from, to }) => from < to, { message: 'expected "from" below "to"' })
  .refine(({ from, log }) => !log || from > 0, { message: 'expected "from" above 0 with "log"' });

const searchSchema = z
  .object({
    name: NAME,
    /** A folder in MVTec AD's layout, or "synthetic". */
    data: z.string(),
    /** "embedded", "random" or a file of ImageNet weights. */
    teacher: z.string(),
    /** Where the run folders go; default: runs/ and the name. */
    runs: z.string().optional(),
    category: NAME,
    seed: z.number().int().min(0).default(0),
    method: z.enum(
      LEARNER_NAMES.filter((name) => name !== 'pre-training') as [string, ...string[]],
    ),
    settings: z.record(z.unknown()).default({}),
    /** Joint training: settings of the pre-training. */
    preTraining: z.record(z.unknown()).default({}),
    /** What is searched: settings of the method, each among some values or in a range. */
    space: z
      .record(z.union([among, range], { errorMap: () => ({ message: SPACE }) }))
      .refine((space) => Object.keys(space).length > 0, { message: 'expected a setting' }),
  })
  .strict();

const SPACE =
  'expected { among: [different values] } or { from: a number, to: a larger one, log: true or false }; with "log" all above 0';

/** A search of settings: one method on one category with one seed. */
export type SearchFile = z.infer<typeof searchSchema>;

/**
 * Reads a search, YAML or JSON. Methods that can leave good images out of learning do so (protocol B): something must be
 * there to compare settings on.
 *
 * @throws FileError that names the line of each field that is wrong
 */
export function readSearchFile(file: string): SearchFile {
  const search = readFields(file, 'a search', searchSchema, problemsOf);
  return { ...search, settings: withHeldOut(search) };
}

function withHeldOut({
  method,
  settings,
}: Pick<SearchFile, 'method' | 'settings'>): Record<string, unknown> {
  return settingsOf(method).has('protocol') ? { protocol: 'B', ...settings } : settings;
}

const FIXED = [
  'recipe',
  'category',
  'seed',
  'protocol',
  'validationShare',
  'imageSize',
  'fit',
  'tileOverlap',
  'valueRange',
  'roi',
];

function problemsOf(search: SearchFile): Problem[] {
  const { method, settings, space, preTraining } = search;
  const known = settingsOf(method);
  const problems: Problem[] = [];
  const problem = (message: string, ...path: string[]) => problems.push({ path, message });
  for (const name of Object.keys(settings)) {
    if (!known.has(name)) problem(`${method} has no such setting`, 'settings', name);
  }
  for (const name of Object.keys(space)) {
    if (!known.has(name)) problem(`${method} has no such setting`, 'space', name);
    else if (FIXED.includes(name))
      problem('cannot be searched: runs would differ in what they are compared on', 'space', name);
  }
  if (method !== 'joint' && Object.keys(preTraining).length > 0) {
    problem('only joint has a pre-training', 'preTraining');
  }
  if (settings.protocol === 'A') {
    problem(
      'expected B: with A no image is held out to compare settings on',
      'settings',
      'protocol',
    );
  }
  if (typeof settings.tileOverlap === 'number') {
    problem(
      'expected none: made-up defects are put onto whole pictures',
      'settings',
      'tileOverlap',
    );
  }
  if (problems.length > 0) return problems;
  try {
    const ends = Object.entries(space).map(([name, dimension]) => [name, valuesOf(dimension)]);
    for (const values of combinations(Object.fromEntries(ends) as Record<string, unknown[]>)) {
      configOf(search, values);
    }
  } catch (error) {
    const said = (error as Error).message.split('\n').slice(1).join('; ').trim();
    const field = /^[A-Za-z]+/.exec(said)?.[0] ?? '';
    problem(said || (error as Error).message, field in space ? 'space' : 'settings', field);
    return problems;
  }
  const first = firstOf(search);
  for (const [name, dimension] of Object.entries(space)) {
    if (Object.hasOwn(first, name)) continue;
    const own = JSON.stringify((configOf(search, {}) as Record<string, unknown>)[name]);
    const values = 'among' in dimension ? 'values' : 'a range';
    problem(
      `expected ${values} with what the setting is otherwise, ${own}, to compare with`,
      'space',
      name,
    );
  }
  return problems;
}

type Range = z.infer<typeof among> | z.infer<typeof range>;

const valuesOf = (dimension: Range): readonly unknown[] =>
  'among' in dimension ? dimension.among : [dimension.from, dimension.to];

function configOf({ method, settings, category, seed }: SearchFile, values: object) {
  return methodConfig({
    ...withHeldOut({ method, settings }),
    ...values,
    ...{ recipe: recipeOf({ name: method }), category, seed },
  });
}

/** The settings as they are without a search, in the space's terms; those that lie in it. */
export function firstOf(search: SearchFile): Record<string, unknown> {
  const own = configOf(search, {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(search.space).flatMap(([name, dimension]): [string, unknown][] => {
      if (!('among' in dimension)) {
        const value = own[name] as number;
        return value >= dimension.from && value <= dimension.to ? [[name, value]] : [];
      }
      const same = dimension.among.find((value) =>
        isDeepStrictEqual(
          (configOf(search, { [name]: value }) as Record<string, unknown>)[name],
          own[name],
        ),
      );
      return same === undefined ? [] : [[name, JSON.stringify(same)]];
    }),
  );
}

/** As Optuna is told. */
export function dimensionsOf({ space }: SearchFile): Record<string, Dimension> {
  return Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => [
      name,
      'among' in dimension
        ? { among: dimension.among.map((value) => JSON.stringify(value)) }
        : dimension,
    ]),
  );
}

/** The settings that a trial stands for. */
export function settingsOfTrial(
  { space }: SearchFile,
  params: Readonly<Record<string, string | number>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      'among' in space[name] ? (JSON.parse(String(value)) as unknown) : value,
    ]),
  );
}

/** A sweep of one row for each of some settings, named. */
export function sweepOf(
  { name, data, teacher, runs, category, seed, method, settings, preTraining }: SearchFile,
  rows: Readonly<Record<string, Record<string, unknown>>>,
): SweepFile {
  return {
    ...{ name, data, teacher, ...(runs !== undefined && { runs }) },
    ...{ categories: [category], seeds: [seed], settings: {} },
    rows: Object.entries(rows).map(([row, own]) => ({
      ...{ name: row, method, settings: { ...settings, ...own }, grid: {}, preTraining },
    })),
    resources: { cpus: 1, gpus: 0, memory: 3000 },
  };
}
