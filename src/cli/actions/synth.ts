import { SYNTHETIC_CATEGORIES, writeSyntheticDataset } from '../../lib/data/synthetic/index';
import { interruptible } from '../interruption';
import { openProgress } from '../progress';
import { print } from '../say';
import { UsageError } from '../usage-error';

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
export async function synth(out: string, options: SynthOptions): Promise<void> {
  const known = [...SYNTHETIC_CATEGORIES.keys()];
  const categories = options.category ?? known;
  const unknown = categories.find((category) => !SYNTHETIC_CATEGORIES.has(category));
  if (unknown !== undefined) {
    throw new UsageError(`No images of "${unknown}" can be rendered, only of ${known.join(', ')}.`);
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
    print(`Next: stfpm train --data ${out} --category ${categories[0]}`);
  } finally {
    progress.stop();
  }
}
