import { basename, join, resolve } from 'node:path';
import { DatasetError } from './dataset-error';
import { listNames } from './list-names';
import { naturalOrder } from './natural-order';
import { nearestName } from './nearest-name';
import { describeFolder, isFolder, readFolder } from './read-folder';

/** Whether this folder is laid out like one category of MVTec AD. */
function isCategory(folder: string): boolean {
  return isFolder(join(folder, 'train', 'good'));
}

function categoriesIn(root: string): string[] {
  return readFolder(root)
    .folders.filter((name) => isCategory(join(root, name)))
    .sort(naturalOrder);
}

/**
 * The categories below an MVTec AD root: its folders that hold train/good. The folder of one
 * category is taken for a root with just this one.
 *
 * @throws DatasetError when the folder is missing or holds no category
 */
export function listMvtecCategories(root: string): string[] {
  const folder = resolve(root);
  if (isCategory(folder)) return [basename(folder)];
  const categories = categoriesIn(folder);
  if (categories.length === 0) throw noDataset(folder);
  return categories;
}

/**
 * The folder of a category, whether `root` is the data set or the category itself.
 *
 * @throws DatasetError saying what is there, and which name was probably meant
 */
export function findCategoryFolder(root: string, category: string): string {
  const folder = resolve(root);
  if (isCategory(folder) && basename(folder) === category) return folder;
  if (category !== '' && !isCategory(folder)) {
    const inside = join(folder, category);
    if (basename(inside) === category && isFolder(inside)) return inside;
  }
  const categories = listMvtecCategories(folder);
  const meant = nearestName(category, categories);
  throw new DatasetError(
    folder,
    `a category '${category}'`,
    `${listNames(categories)}${meant ? `; did you mean '${meant}'?` : ''}`,
  );
}

function noDataset(folder: string): DatasetError {
  return new DatasetError(
    folder,
    'an MVTec AD folder: <category>/train/good with images, or a category itself',
    describeFolder(folder),
  );
}
