import * as path from 'path';
import type { Dataset } from '../lib/data/sample';
import { PROJECT_ROOT } from './project';
import { UsageError } from './usage-error';

/** Where the lab's own images are kept once they are rendered. */
export const SYNTHETIC_ROOT = path.join(PROJECT_ROOT, '.cache', 'synthetic');

export const DEFAULT_CATEGORY = 'bottle';

export interface ChosenImages {
  dataset: Dataset;
  /** How they were chosen, in a word or two for people. */
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

/** Whether a data set's folder is one that the lab rendered for itself. */
export function isSynthetic(root: string): boolean {
  const inside = path.relative(SYNTHETIC_ROOT, root);
  return !inside.startsWith('..') && !path.isAbsolute(inside);
}

/**
 * The images to train on: those named, else those of the run to go on with, else those of the
 * environment, else the lab's own.
 *
 * @throws DatasetError when the images named cannot be used: they are never silently replaced
 */
export async function chooseImages(choice: ImageChoice): Promise<ChosenImages> {
  const { data, runRoot, strict } = choice;
  const named: [string | undefined, string][] = [
    [data, '--data'],
    [runRoot, "the run's"],
    [process.env.MVTEC_AD_ROOT, 'MVTEC_AD_ROOT'],
  ];
  const [root, because] = named.find(([folder]) => folder) ?? [];
  if (choice.synthetic || !root || !because) return renderedImages(choice);
  const { isFolder } = await import('../lib/data/read-folder');
  // A synthetic run can have its images rendered again wherever it goes on.
  if (root === runRoot && isSynthetic(root) && !isFolder(root)) return renderedImages(choice);

  const { listMvtecCategories, readMvtecCategory } = await import('../lib/data/mvtec');
  let category = choice.category;
  if (category === undefined) {
    const categories = listMvtecCategories(root);
    category = categories.length === 1 ? categories[0] : DEFAULT_CATEGORY;
  }
  const dataset = readMvtecCategory(root, category, { strict });
  return { dataset, because, synthetic: isSynthetic(root) };
}

async function renderedImages({
  category = DEFAULT_CATEGORY,
  data,
  synthetic,
  strict,
}: ImageChoice): Promise<ChosenImages> {
  if (synthetic && data) throw new UsageError('Choose one of --data and --synthetic.');
  const { openCategory } = await import('../lib/data/open-category');
  const { dataset } = await openCategory({
    category,
    // Not even what the environment names.
    root: '',
    syntheticRoot: SYNTHETIC_ROOT,
    strict,
  });
  return { dataset, because: synthetic ? '--synthetic' : 'no data set was named', synthetic: true };
}
