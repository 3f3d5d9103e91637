import * as fs from 'fs';
import * as path from 'path';
import { readImageFolder } from '../lib/data/folder';

/** An image that the user names, or that lies in a folder that the user names. */
export interface ImageToJudge {
  /** Its path as the user would write it. */
  name: string;
  /** Absolute. */
  file: string;
}

/**
 * The images of a list of files and folders, in the order given; of a folder those directly in it.
 *
 * @throws DatasetError for a folder without images; Error for a path where nothing is
 */
export function imagesToJudge(paths: readonly string[]): ImageToJudge[] {
  return paths.flatMap((name) => {
    const file = path.resolve(name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (!stat) throw new Error(`${name}: expected an image or a folder of images, found nothing.`);
    if (!stat.isDirectory()) return [{ name, file }];
    return readImageFolder(file).map((sample) => ({
      name: path.join(name, path.basename(sample.file)),
      file: sample.file,
    }));
  });
}
