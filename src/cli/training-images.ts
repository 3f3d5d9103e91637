import { listMvtecCategories, readMvtecCategory } from '../lib/data/mvtec';
import { isFolder } from '../lib/data/read-folder';
import type { Dataset } from '../lib/data/sample';
import { DEFAULT_CATEGORY } from './default-category';
import { isOwnSynthetic, isSynthetic } from './is-synthetic';
import { ownSyntheticImages } from './synthetic-images';

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
