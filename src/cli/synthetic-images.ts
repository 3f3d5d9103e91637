import { openCategory } from '../lib/data/open-category';
import type { Dataset } from '../lib/data/sample';
import { SYNTHETIC_CATEGORIES } from '../lib/data/synthetic/index';
import { DEFAULT_CATEGORY } from './default-category';
import { interruptible } from './interruption';
import { SYNTHETIC_ROOT } from './is-synthetic';
import { openProgress } from './progress';

const NO_TIME_MILLISECONDS = 500;

/**
 * The lab's own images of a category, rendered on first use.
 *
 * @throws Error for a category that the lab cannot render
 */
export async function ownSyntheticImages(
  category = DEFAULT_CATEGORY,
  strict?: boolean,
): Promise<Dataset> {
  if (!SYNTHETIC_CATEGORIES.has(category)) {
    const names = [...SYNTHETIC_CATEGORIES.keys()].join(' and ');
    throw new Error(
      `No data set is named, and the lab's own synthetic images are of ${names}, not "${category}". ` +
        'Name one with --data or the environment variable MVTEC_AD_ROOT.',
    );
  }
  const progress = openProgress();
  const start = performance.now();
  try {
    const { dataset } = await interruptible((signal) =>
      openCategory({
        category,
        // Not even what the environment names.
        root: '',
        syntheticRoot: SYNTHETIC_ROOT,
        strict,
        signal,
        onProgress: (done, total) => {
          // Images that are there are passed over in no time, and without a word.
          if (performance.now() - start < NO_TIME_MILLISECONDS) return;
          progress.update({ name: 'Rendering synthetic images', done, total });
        },
      }),
    );
    return dataset;
  } finally {
    progress.stop();
  }
}
