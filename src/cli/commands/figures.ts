import type { Command } from 'commander';
import type { FiguresOptions } from '../actions/figures';
import { wholeNumber } from '../whole-number';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/figures') as typeof import('../actions/figures');

const MORE = `
Numbers redraw the paper's figures from finished runs, as PNG and SVG:
  1, 2   the whole method; the auto-encoder of level 1, by the model's shapes
  3, 5   leather: one and four defective images, ours above, STFPM below
  4      bottle: four defective images
Figures 3 to 5 come in the paper's look (JET, each map on its own scale) and, as
figure-N-shared, on the scale of each model's good images, with ground truth;
figure-N.md has the numbers: AUROC in the image, background, contrast. The runs
are looked for below runs/.

A run's own figures go, as PNG, into a folder named as the run:
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
    .option('--joint <run>', "ours in Figures 3 to 5 (default: the category's best fitting run)")
    .option('--baseline <run>', 'STFPM in Figures 3 to 5 (default: the run that goes with it)')
    .option('--data <folder>', 'data set (default: where the run was trained, else MVTEC_AD_ROOT)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option('-o, --out <folder>', 'where the folder with the figures goes', 'figures')
    .option('--per-defect <n>', 'images of each type of defect, for a run', wholeNumber(1), 1)
    .addHelpText('after', MORE)
    .action((what: string[], options: FiguresOptions) => loadAction().figures(what, options));
}
