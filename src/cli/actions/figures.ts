import * as path from 'path';
import {
  comparedIndices,
  COMPARISON_FIGURES,
  type ComparisonFigure,
} from '../../lib/experiments/paper-figures';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { comparisonFigures } from '../../viz/figure/comparison-figures';
import { evaluateRun, type EvaluatedRun } from '../evaluate-run';
import { runsHere } from '../find-run';
import { diagramFigure, PRINT_PIXEL_RATIO } from '../diagram-figure';
import { findComparedRuns, type ComparedRuns } from '../paper-runs';
import { runFigures } from '../run-figures';
import { methodName } from '../result-record';
import { print, say } from '../say';
import { UsageError } from '../usage-error';

/** The options of `stfpm figures`. */
export interface FiguresOptions extends Partial<ComparedRuns> {
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
  perDefect: number;
}

/** `stfpm figures`: of the paper by their numbers, or of one run */
export async function figures(names: readonly string[], options: FiguresOptions): Promise<void> {
  const numbers = names.filter((name) => /^[1-5]$/.test(name));
  if (numbers.length === 0) {
    if (names.length > 1) throw new UsageError('figures: expected one run, or numbers from 1 to 5');
    return figuresOfRun(names[0] ?? lastRun(), options);
  }
  if (numbers.length < names.length) {
    throw new UsageError('figures: expected either one run or numbers from 1 to 5, found both');
  }
  await paperFigures([...new Set(numbers.map(Number))].sort(), options);
}

async function figuresOfRun(run: string, options: FiguresOptions): Promise<void> {
  const evaluated = await evaluateRun(run, { ...options, levelMaps: true });
  const target = path.join(options.out, evaluated.name);
  for await (const { file, figure } of runFigures(evaluated, options.perDefect)) {
    await figure.save(path.join(target, file));
    print(path.join(target, file));
  }
}

async function paperFigures(numbers: readonly number[], options: FiguresOptions): Promise<void> {
  const target = path.join(options.out, 'paper');
  const evaluated = new Map<string, [EvaluatedRun, EvaluatedRun]>();
  for (const number of numbers) {
    if (number === 1 || number === 2) {
      await save(await diagramFigure(number), path.join(target, `figure-${number}`));
      continue;
    }
    const { category } = COMPARISON_FIGURES[number as ComparisonFigure];
    const runs = evaluated.get(category) ?? (await evaluatePair(category, options));
    evaluated.set(category, runs);
    await saveComparison(number as ComparisonFigure, runs, path.join(target, `figure-${number}`));
  }
}

async function evaluatePair(
  category: string,
  options: FiguresOptions,
): Promise<[EvaluatedRun, EvaluatedRun]> {
  const { joint, baseline } = findComparedRuns(category, options);
  say(`Ours: ${joint}`);
  const ours = await evaluateRun(joint, { ...options, levelMaps: true });
  say(`STFPM: ${baseline}`);
  return [ours, await evaluateRun(baseline, { ...options, levelMaps: true })];
}

async function saveComparison(
  number: ComparisonFigure,
  runs: [EvaluatedRun, EvaluatedRun],
  file: string,
): Promise<void> {
  const [{ evaluation, dataset, datasetName, config }] = runs;
  const indices = comparedIndices(evaluation, number);
  if (indices.length === 0) {
    throw new Error(
      `${path.join(dataset.root, dataset.category)}: expected defective test images with a mask ` +
        `for Figure ${number}, found none.`,
    );
  }
  const [ours, baseline] = runs.map(({ config, evaluation }) => ({
    name: methodName(config.config),
    evaluation,
  }));
  const { paper, shared, shownTable, overallTable } = await comparisonFigures(
    [ours, baseline],
    indices,
    {
      title: `Figure ${number}: ${dataset.category} (${datasetName}${teacherMark(config)})`,
      pixelRatio: PRINT_PIXEL_RATIO,
    },
  );
  await save(paper, file);
  if (shared) await save(shared, `${file}-shared`);
  const tables = [shownTable, overallTable].filter((table) => table !== null);
  if (tables.length === 0) return;
  for (const table of tables) print(`\n${table.toText()}`);
  const text = tables.map((table) => table.toMarkdown()).join('\n\n');
  writeFileAtomic(`${file}.md`, `${text}\n`);
  print(`${file}.md`);
}

/** What a figure's title says of a teacher that is not the method's. */
function teacherMark({ teacher: { kind } }: EvaluatedRun['config']): string {
  return kind === 'file' ? '' : `, ${kind} teacher`;
}

async function save(figure: { save(file: string): Promise<string> }, file: string): Promise<void> {
  for (const extension of ['.png', '.svg']) {
    await figure.save(`${file}${extension}`);
    print(`${file}${extension}`);
  }
}

function lastRun(): string {
  const [last] = runsHere();
  if (last === undefined) {
    throw new Error('runs: expected a training run below it, found none. `stfpm train` makes one.');
  }
  say(`Run: ${last}`);
  return last;
}
