import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { EXPERIMENTS } from '../../lib/experiments/index';
import type { ReproduceOptions } from '../actions/reproduce';
import { wholeNumber } from '../whole-number';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/reproduce') as typeof import('../actions/reproduce');

const MORE = `
table2     the paper's Table 2 and the baselines that it compares with
sweep      alpha, and the ways auto-encoders take part, on bottle
ablations  variants that the paper mentions, and its future work, on bottle
teachers   STFPM with the ImageNet, the embedded and a random teacher, on bottle
           and on synthetic images

Runs that are finished are not repeated, interrupted ones are gone on with;
Ctrl-C saves. Rows with the same auto-encoders share one pre-training. The table
goes to standard output and, as Markdown and JSON, into the folder of the runs.
A category with fewer than 20 train images is trained few-shot, on 64 augmented
copies of them, and every output says so.

Examples:
  stfpm reproduce table2 --list
  stfpm reproduce table2 --rows bottle-001 --seeds 0,1,2
  stfpm reproduce sweep --epochs 20
  stfpm reproduce teachers --epochs 40`;

const separated = (text: string) => text.split(',').map((name) => name.trim());

function seeds(text: string): number[] {
  const read = wholeNumber(0);
  const list = separated(text).map(read);
  if (new Set(list).size === list.length) return list;
  throw new InvalidArgumentError('Expected different seeds.');
}

export function addReproduceCommand(program: Command): void {
  program
    .command('reproduce')
    .description("run the paper's experiments and put the results beside its numbers")
    .addArgument(new Argument('<experiment>', 'which table').choices(Object.keys(EXPERIMENTS)))
    .addOption(
      new Option('--rows <names>', 'only these rows, separated by commas').argParser(separated),
    )
    .addOption(
      new Option('--seeds <numbers>', 'one run each, separated by commas')
        .argParser(seeds)
        .default([0], '0'),
    )
    .addOption(new Option('--epochs <n>', 'of the students').argParser(wholeNumber(1)).default(100))
    .addOption(
      new Option('--pre-training-epochs <n>', 'of the auto-encoders')
        .argParser(wholeNumber(1))
        .default(100),
    )
    .option('--data <folder>', "data set in MVTec AD's layout (default: MVTEC_AD_ROOT)")
    .addOption(new Option('--synthetic', "the lab's own synthetic images").conflicts('data'))
    .addOption(
      new Option('--weights <file>', 'ImageNet weights of the teacher').conflicts([
        'embeddedTeacher',
        'randomTeacher',
      ]),
    )
    .addOption(
      new Option('--embedded-teacher', 'the teacher that comes with the lab').conflicts(
        'randomTeacher',
      ),
    )
    .option('--random-teacher', 'an untrained teacher, to compare with')
    .option('--runs <folder>', 'where the run folders are', 'runs')
    .option('--results <folder>', 'write a record of each run here too, without any path')
    .option('--list', 'say which runs are finished, started and missing, and do nothing')
    .addHelpText('after', MORE)
    .action((experiment: keyof typeof EXPERIMENTS, options: ReproduceOptions) =>
      loadAction().reproduce(experiment, options),
    );
}
