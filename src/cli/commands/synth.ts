import type { Command } from 'commander';
import {
  DEFAULT_SYNTHETIC_CATEGORIES,
  SYNTHETIC_CATEGORIES,
} from '../../lib/data/synthetic/render-synthetic';
import { writeSyntheticDataset } from '../../lib/data/synthetic/write-synthetic-dataset';
import { SIZE_MULTIPLE } from '../../lib/models/resnet18';
import { UsageError, wholeNumber } from '../options';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import { print } from '../terminal/say';

const KNOWN = [...SYNTHETIC_CATEGORIES.keys()].join(', ');
const USUAL = DEFAULT_SYNTHETIC_CATEGORIES.join(', ');

const MORE = `
The images are rendered, in the layout of MVTec AD, with masks; the same seed
gives the same bytes. They are free of any licence's restrictions (CC0). Where
no data set is named, training renders and uses such images by itself.

Examples:
  stfpm synth synthetic --category leather
  stfpm synth hard --category gear almond
  stfpm synth small --size 128 --train 40 --good 8 --per-defect 4
  stfpm train --data small --category bottle --image-size 128`;

export function addSynthCommand(program: Command): void {
  program
    .command('synth')
    .description('render a synthetic data set, or go on with one that was stopped')
    .argument('<out>', 'a new or empty folder, or one begun with the same options')
    .option('-c, --category <names...>', `${KNOWN} (default: ${USUAL})`)
    .option('--seed <n>', 'of everything random in the images', wholeNumber(0), 0)
    .option('--size <pixels>', 'side of the images', wholeNumber(1), 256)
    .option('--train <n>', 'good images to train on', wholeNumber(0), 120)
    .option('--good <n>', 'good images to test on', wholeNumber(0), 20)
    .option('--per-defect <n>', 'images of each type of defect', wholeNumber(0), 12)
    .addHelpText('after', MORE)
    .action(synth);
}

/** The options of `stfpm synth`. */
export interface SynthOptions {
  category?: string[];
  seed: number;
  size: number;
  train: number;
  good: number;
  perDefect: number;
}

/** `stfpm synth` */
async function synth(out: string, options: SynthOptions): Promise<void> {
  const categories = options.category ?? DEFAULT_SYNTHETIC_CATEGORIES;
  const unknown = categories.find((category) => !SYNTHETIC_CATEGORIES.has(category));
  if (unknown !== undefined) {
    throw new UsageError(`No images of "${unknown}" can be rendered, only of ${KNOWN}.`);
  }
  const progress = openProgress();
  try {
    const { written, kept } = await interruptible((signal) =>
      writeSyntheticDataset(out, {
        categories,
        seed: options.seed,
        size: options.size,
        trainCount: options.train,
        testGoodCount: options.good,
        testPerDefect: options.perDefect,
        signal,
        onProgress: (done, total) => progress.update({ name: 'Rendering images', done, total }),
      }),
    );
    progress.stop();
    const there = kept > 0 ? `, ${kept} were there already` : '';
    print(`Rendered ${written} images${there}: ${out}`);
    const { size } = options;
    const isTrainable = size !== 256 && size % SIZE_MULTIPLE === 0;
    const imageSize = isTrainable ? ` --image-size ${size}` : '';
    print(`Next: npx stfpm train --data ${out} --category ${categories[0]}${imageSize}`);
  } finally {
    progress.stop();
  }
}
