import * as fs from 'fs';
import * as path from 'path';
import envPaths from 'env-paths';
import { isPackaged } from '../lib/files/optional-package';
import { readJsonFile } from '../lib/files/read-file';

/** The lab's own folder. */
export const PROJECT_ROOT = path.resolve(__dirname, '..', '..');

/** What the lab renders for itself is kept here: in the checkout, or for the npm package in the user's cache. */
export const CACHE_ROOT = isPackaged()
  ? envPaths('stfpm-lab', { suffix: '' }).cache
  : path.join(PROJECT_ROOT, '.cache');

/**
 * The project that has installed the npm package, and that this runs in: the nearest folder, from the working directory
 * upwards, with the package in its node_modules.
 *
 * @throws Error where there is none
 */
export function installingProject(): string {
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, 'node_modules', 'stfpm-lab', 'package.json')))
      return folder;
    if (folder === path.dirname(folder)) break;
  }
  throw new Error(
    `${process.cwd()}: expected a project that has installed stfpm-lab, found none here or above.`,
  );
}

/** The lab's version. */
export function projectVersion(): string {
  const manifest = readJsonFile(path.join(PROJECT_ROOT, 'package.json'), 'that of the lab');
  return (manifest as { version: string }).version;
}
