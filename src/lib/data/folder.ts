import { basename, join, resolve } from 'node:path';
import { DatasetError } from './dataset-error';
import { IMAGE_FORMATS } from './image-formats';
import { describeFolder, readFolder } from './read-folder';
import { Sample } from './sample';

export interface ReadFolderOptions {
  /** What the images are for. Default `test`: images to be judged. */
  split?: 'train' | 'test';
}

/**
 * The images that lie directly in a folder, in natural order: a user's own, to judge or to train
 * on. They are taken as good (label 0), since nothing says otherwise: a label that means nothing
 * where the images are to be judged.
 *
 * @throws DatasetError when the folder is missing or holds no image
 */
export function readImageFolder(folder: string, options: ReadFolderOptions = {}): Sample[] {
  const root = resolve(folder);
  const { images } = readFolder(root);
  if (images.length === 0) {
    throw new DatasetError(root, `a folder of ${IMAGE_FORMATS} images`, describeFolder(root));
  }
  return images.map((name) => ({
    file: join(root, name),
    category: basename(root),
    split: options.split ?? 'test',
    defect: 'good',
    label: 0,
    maskFile: null,
  }));
}
