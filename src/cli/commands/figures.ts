import * as path from 'path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { evaluateRun } from '../evaluate-run';
import { runsHere } from '../find-run';
import { print, say } from '../say';

interface FiguresCommandOptions {
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
  perDefect: number;
}

const MORE = `
Draws, as PNG, in a folder named as the run:
  maps.png        input, maps of the three levels, map over the image; one scale for all images
  maps-paper.png  the same in the paper's look: JET, each map on its own scale
  loss.png        loss by epoch
  scores.png      image scores of good and defect images
  roc.png         ROC curves of images and of pixels
  pro.png         per-region overlap over the false-positive rate
The images are the first good one and the first of each type of defect. Pictures made from MVTec AD
are under its licence (CC BY-NC-SA 4.0).

Examples:
  stfpm figures                       (the run trained last)
  stfpm figures runs/bottle-b1 --out report`;

export function addFiguresCommand(program: Command): void {
  program
    .command('figures')
    .description("draw a run's anomaly maps and curves")
    .argument('[run]', 'the run folder (default: the one below runs/ that was trained last)')
    .option('--data <folder>', 'data set (default: where the run was trained, else MVTEC_AD_ROOT)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option('-o, --out <folder>', 'where the folder with the figures goes', 'figures')
    .option('--per-defect <n>', 'images of each type of defect', atLeastOne, 1)
    .addHelpText('after', MORE)
    .action(figuresCommand);
}

function atLeastOne(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
}

async function figuresCommand(
  folder: string | undefined,
  options: FiguresCommandOptions,
): Promise<void> {
  const run = folder ?? lastRun();
  const evaluated = await evaluateRun(run, { ...options, levelMaps: true });
  const { runFigures } = await import('../run-figures');
  const target = path.join(options.out, evaluated.name);
  for await (const { file, figure } of runFigures(evaluated, options.perDefect)) {
    await figure.save(path.join(target, file));
    print(path.join(target, file));
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
