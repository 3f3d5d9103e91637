import type { Command } from 'commander';
import type { EvaluateOptions } from '../actions/evaluate';
import { runtimeOption } from '../runtime-option';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/evaluate') as typeof import('../actions/evaluate');

const MORE = `
Writes evaluation.json (all metrics with all their digits) and scores.csv (file,
label, score; files are named from the data set's folder on, label 1 is a
defect). With --maps also the anomaly maps [images, height, width] in the order
of scores.csv, for numpy.load: so anyone can check the numbers.

Metrics are exact: every distinct score is a threshold. Pixel metrics are taken
over all pixels of all test images together, good ones included. AU-PRO follows
MVTec's definition, up to a false-positive rate of 0.3. A metric that the test
set does not define is null, with the reason.

Examples:
  stfpm evaluate runs/bottle-b1
  stfpm evaluate runs/bottle-b1 --maps maps.npy
  stfpm evaluate runs/bottle-b1 --json | jq .metrics.pixel.auroc`;

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description("measure a run's detector on the test images of its category")
    .argument('<run>', 'the run folder')
    .option('--data <folder>', 'data set (default: where the run was trained, else MVTEC_AD_ROOT)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .addOption(runtimeOption('tensorflow'))
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option(
      '-o, --out <folder>',
      'where evaluation.json and scores.csv go (default: the run folder)',
    )
    .option('--maps <file.npy>', 'write the raw anomaly maps too, as float32')
    .option('--result <file.json>', 'write a record of the finished run too, without any path')
    .option('--json', 'print the report as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action((run: string, options: EvaluateOptions) => loadAction().evaluate(run, options));
}
