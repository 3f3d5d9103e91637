import * as path from 'path';
import { readMvtecCategory } from './mvtec';
import type { Dataset } from './sample';
import { writeSyntheticDataset } from './synthetic/write-synthetic-dataset';

export interface OpenCategoryOptions {
  category: string;
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

export interface OpenedCategory {
  dataset: Dataset;
  /** 'folder': the user's images; 'synthetic': the project's own, because no folder was named. */
  origin: 'folder' | 'synthetic';
  /** One line for reports, without a path. */
  description: string;
}

/**
 * The images to work on: a category of the named data set or, where none is named, the project's synthetic images,
 * which are rendered on first use and named as such in every description.
 *
 * @throws DatasetError when the named data set cannot be used: it is never silently replaced
 */
export async function openCategory(options: OpenCategoryOptions): Promise<OpenedCategory> {
  const { category, strict, syntheticSize = 256 } = options;
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
