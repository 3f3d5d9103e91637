import type { Command } from 'commander';
import type { SynthOptions } from '../actions/synth';
import { wholeNumber } from '../whole-number';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/synth') as typeof import('../actions/synth');

const MORE = `
The images are rendered, in the layout of MVTec AD, with masks; the same seed
gives the same bytes. They are free of any licence's restrictions (CC0). Where
no data set is named, training renders and uses such images by itself.

Examples:
  stfpm synth synthetic --category leather
  stfpm synth small --size 128 --train 40 --good 8 --per-defect 4
  stfpm train --data small --category bottle --image-size 128`;

export function addSynthCommand(program: Command): void {
  program
    .command('synth')
    .description('render a synthetic data set, or go on with one that was stopped')
    .summary('render a synthetic data set')
    .argument('<out>', 'a new or empty folder, or one begun with the same options')
    .option('-c, --category <names...>', 'bottle, leather (default: both)')
    .option('--seed <n>', 'of everything random in the images', wholeNumber(0), 0)
    .option('--size <pixels>', 'side of the images', wholeNumber(1), 256)
    .option('--train <n>', 'good images to train on', wholeNumber(0), 120)
    .option('--good <n>', 'good images to test on', wholeNumber(0), 20)
    .option('--per-defect <n>', 'images of each type of defect', wholeNumber(0), 12)
    .addHelpText('after', MORE)
    .action((out: string, options: SynthOptions) => loadAction().synth(out, options));
}
