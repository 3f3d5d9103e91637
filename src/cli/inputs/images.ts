import * as fs from 'fs';
import * as path from 'path';
import { isFolder } from '../../lib/data/folder';
import { listMvtecCategories, MVTEC_SIZES, readMvtecCategory } from '../../lib/data/mvtec';
import { openCategory } from '../../lib/data/open-category';
import type { Dataset } from '../../lib/data/sample';
import { SYNTHETIC_CATEGORIES } from '../../lib/data/synthetic/render-synthetic';
import { DEFAULT_CATEGORY } from '../options';
import { CACHE_ROOT } from '../project';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';

export interface ChosenImages {
  dataset: Dataset;
  /** Why these, in a word or two for people. */
  because: string;
  synthetic: boolean;
}

export interface ImageChoice {
  category?: string;
  /** --data */
  data?: string;
  /** --synthetic */
  synthetic?: boolean;
  strict?: boolean;
  /** Where the images of the run to go on with were. */
  runRoot?: string;
}

/**
 * The images to train on: those named, else those of the run to go on with, else those of the
 * environment, else the lab's own.
 *
 * @throws DatasetError when the images named cannot be used: they are never silently replaced
 */
export async function chooseImages(choice: ImageChoice): Promise<ChosenImages> {
  const { category, data, runRoot, strict } = choice;
  const own = async (because: string) => {
    const dataset = await ownSyntheticImages(category, strict);
    return { dataset, because, synthetic: true };
  };
  if (choice.synthetic) return own('--synthetic');
  if (data) return named(choice, data, '--data');
  const { MVTEC_AD_ROOT: root } = process.env;
  if (runRoot && isOwnSynthetic(runRoot)) return own("the run's");
  // A run may have been moved to a machine where the images lie elsewhere.
  if (runRoot && (isFolder(runRoot) || !root)) return named(choice, runRoot, "the run's");
  return root ? named(choice, root, 'MVTEC_AD_ROOT') : own('no data set was named');
}

function named({ category, strict }: ImageChoice, root: string, because: string): ChosenImages {
  const dataset = readMvtecCategory(root, category ?? onlyCategory(root), { strict });
  return { dataset, because, synthetic: isSynthetic(dataset.root) };
}

/** The category of a data set that has one, else the usual one. */
function onlyCategory(root: string): string {
  const categories = listMvtecCategories(root);
  return categories.length === 1 ? categories[0] : DEFAULT_CATEGORY;
}

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
    const names = [...SYNTHETIC_CATEGORIES.keys()].join(', ');
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
          // Existing images are skipped at once, and without a word.
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

/** Where the lab's own images are kept once they are rendered. */
const SYNTHETIC_ROOT = path.join(CACHE_ROOT, 'synthetic');

/** Whether a data set's folder is the one that the lab renders for itself when none is named. */
export function isOwnSynthetic(root: string): boolean {
  const inside = path.relative(SYNTHETIC_ROOT, root);
  return !inside.startsWith('..') && !path.isAbsolute(inside);
}

/** Whether a data set was rendered by the lab, for itself or by `stfpm synth`. */
export function isSynthetic(root: string): boolean {
  return isOwnSynthetic(root) || fs.existsSync(path.join(root, 'synthetic.json'));
}

/** Whether a category has all the images that it has in MVTec AD; null for a category of another name. */
export function isWholeMvtecCategory({ category, train, test }: Dataset): boolean | null {
  const size = Object.hasOwn(MVTEC_SIZES, category) ? MVTEC_SIZES[category] : null;
  return size && train.length === size.train && test.length === size.test;
}

/** What a data set is called in reports, without its path. */
export function datasetName(dataset: Dataset): string {
  if (isSynthetic(dataset.root)) return 'synthetic';
  const whole = isWholeMvtecCategory(dataset);
  return whole === null ? path.basename(dataset.root) : whole ? 'MVTec AD' : 'part of MVTec AD';
}
