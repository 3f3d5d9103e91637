import type { Command } from 'commander';
import type { FiguresOptions } from '../actions/figures';
import { wholeNumber } from '../whole-number';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/figures') as typeof import('../actions/figures');

const MORE = `
Draws, as PNG, in a folder named as the run:
  maps.png        input, maps of the three levels, map over the image; one scale
  maps-paper.png  the same in the paper's look: JET, each map on its own scale
  loss.png        loss by epoch
  scores.png      image scores of good and defect images
  roc.png         ROC curves of images and of pixels
  pro.png         per-region overlap over the false-positive rate
The images are the first good one and the first of each type of defect. Pictures
made from MVTec AD are under its licence (CC BY-NC-SA 4.0).

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
    .option('--per-defect <n>', 'images of each type of defect', wholeNumber(1), 1)
    .addHelpText('after', MORE)
    .action((run: string | undefined, options: FiguresOptions) =>
      loadAction().figures(run, options),
    );
}
