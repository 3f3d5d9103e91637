import * as path from 'path';
import { readMvtecCategory } from './mvtec';
import { openFolders } from './open-folders';
import type { Dataset, OpenedCategory } from './sample';
import { writeSyntheticDataset } from './synthetic/write-synthetic-dataset';

export interface OpenCategoryOptions {
  category: string;
  /**
   * Folders of good images, as `openFolders` takes them, called `category`; with `bad` and `masks`. Default, unless `root` is
   * given: what STFPM_GOOD, STFPM_BAD and STFPM_MASKS name, several separated as in PATH.
   */
  good?: readonly string[];
  bad?: readonly string[];
  masks?: readonly string[];
  /** A data set in MVTec AD's layout. Default: what the environment variable MVTEC_AD_ROOT names. */
  root?: string;
  /** Refuse a data set with oddities. Default false. */
  strict?: boolean;
  /** Where synthetic images are kept. Default `.cache/synthetic` under the working directory. */
  syntheticRoot?: string;
  /** Side of synthetic images in pixels. Default 256. */
  syntheticSize?: number;
  /** Called as synthetic images are rendered. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the rendering between two images; a later call goes on from there. */
  signal?: AbortSignal;
}

/**
 * The images to work on: a category of the named data set or, where none is named, the project's synthetic images,
 * which are rendered on first use and named as such in every description.
 *
 * @throws DatasetError when the named data set cannot be used: it is never silently replaced
 */
export async function openCategory(options: OpenCategoryOptions): Promise<OpenedCategory> {
  const { category, strict, syntheticSize = 256, signal } = options;
  const named = (name: string) =>
    options.root === undefined ? process.env[name]?.split(path.delimiter) : undefined;
  const good = options.good ?? named('STFPM_GOOD');
  if (good) {
    const bad = options.bad ?? named('STFPM_BAD');
    const masks = options.masks ?? named('STFPM_MASKS');
    return openFolders({ good, bad, masks, name: category, strict, signal });
  }
  const root = options.root ?? process.env.MVTEC_AD_ROOT;
  const count = ({ train, test }: Dataset) =>
    `${train.length} train and ${test.length} test images`;
  if (root) {
    const dataset = readMvtecCategory(root, category, { strict });
    return { dataset, origin: 'folder', description: `"${dataset.category}", ${count(dataset)}` };
  }
  const folder = path.join(
    path.resolve(options.syntheticRoot ?? path.join('.cache', 'synthetic')),
    String(syntheticSize),
  );
  await writeSyntheticDataset(folder, {
    categories: [category],
    seed: 0,
    size: syntheticSize,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const dataset = readMvtecCategory(folder, category, { strict });
  return {
    dataset,
    origin: 'synthetic',
    description: `synthetic "${category}" (rendered by this project, not MVTec AD), ${count(dataset)}`,
  };
}
