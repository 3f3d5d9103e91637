import * as path from 'path';
import type { Command } from 'commander';
import { comparedIndices, COMPARISON_FIGURES } from '../../lib/experiments/paper-figures';
import type { ComparisonFigure } from '../../lib/experiments/paper-figures';
import { requireWritable, writeFileAtomic } from '../../lib/files/atomic-write';
import { comparisonFigures } from '../../viz/figure/comparison-figures';
import { diagramFigure, PRINT_PIXEL_RATIO } from '../figures/diagram-figure';
import { findComparedRuns } from '../figures/paper-runs';
import type { ComparedRuns } from '../figures/paper-runs';
import { runFigures } from '../figures/run-figures';
import { UsageError, wholeNumber } from '../options';
import { evaluateRun } from '../runs/evaluate-run';
import type { EvaluatedRun } from '../runs/evaluate-run';
import { requireRun, runsHere } from '../runs/find-run';
import { methodName } from '../runs/result-record';
import { print, say } from '../terminal/say';

const MORE = `
Numbers redraw the paper's figures from finished runs, as PNG and SVG:
  1, 2   the whole method; the auto-encoder of level 1, by the model's shapes
  3, 5   leather: one and four defective images, ours above, STFPM below
  4      bottle: four defective images
Figures 3 to 5 come in the paper's look (JET, each map on its own scale) and, as
figure-N-shared, on the scale of each model's good images, with ground truth;
figure-N.md has the numbers: AUROC in the image, background, contrast. The runs
are looked for below runs/.

A run's own figures go, as PNG, into a folder named after the run:
  maps.png        input, maps of the three levels, map over the image; one scale
  maps-paper.png  the same in the paper's look: JET, each map on its own scale
  loss.png        loss by epoch
  scores.png      image scores of good and defect images
  roc.png         ROC curves of images and of pixels
  pro.png         per-region overlap over the false-positive rate
The images are chosen by their names: the first of each type of defect. Pictures
made from MVTec AD are under its licence (CC BY-NC-SA 4.0).

Examples:
  stfpm figures 1 2 3 4 5
  stfpm figures 4 --joint runs/bottle-001-100ep-seed0
  stfpm figures                       (the run trained last)
  stfpm figures runs/bottle-b1 --out report`;

export function addFiguresCommand(program: Command): void {
  program
    .command('figures')
    .description("draw the paper's figures by their numbers, or a run's anomaly maps and curves")
    .argument(
      '[what...]',
      'numbers from 1 to 5, or a run folder (default: the run below runs/ that was trained last)',
    )
    .option('--joint <run>', "ours in Figures 3 to 5 (default: the category's best-fitting run)")
    .option('--baseline <run>', 'STFPM in Figures 3 to 5 (default: the run that goes with it)')
    .option('--data <folder>', 'data set (default: where the run was trained, else MVTEC_AD_ROOT)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option('-o, --out <folder>', 'where the folder with the figures goes', 'figures')
    .option('--per-defect <n>', 'images of each type of defect, for a run', wholeNumber(1), 1)
    .addHelpText('after', MORE)
    .action(figures);
}

/** The options of `stfpm figures`. */
export interface FiguresOptions extends Partial<ComparedRuns> {
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
  perDefect: number;
}

/** `stfpm figures`: of the paper by their numbers, or of one run */
async function figures(names: readonly string[], options: FiguresOptions): Promise<void> {
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
  requireRun(run);
  requireWritable(path.join(options.out, 'maps.png'));
  const evaluated = await evaluateRun(run, { ...options, levelMaps: true });
  const target = path.join(options.out, evaluated.name);
  for await (const { file, figure } of runFigures(evaluated, options.perDefect)) {
    await figure.save(path.join(target, file));
    print(path.join(target, file));
  }
}

async function paperFigures(numbers: readonly number[], options: FiguresOptions): Promise<void> {
  const target = path.join(options.out, 'paper');
  requireWritable(path.join(target, `figure-${numbers[0]}.png`));
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
