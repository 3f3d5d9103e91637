import { readdirSync, Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { isImageName } from './image-formats';
import { naturalOrder } from './natural-order';

/** A folder's content by kind, as names in natural order. Hidden entries are left out. */
export interface FolderContent {
  images: string[];
  folders: string[];
  /** Files that are not images by their name. */
  others: string[];
}

/** What is known of a path, or undefined when nothing is there (or something above is a file). */
function statOrUndefined(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Whether the path is a folder, or a link to one. */
export function isFolder(path: string): boolean {
  return statOrUndefined(path)?.isDirectory() ?? false;
}

/** What lies directly in a folder; nothing when there is no such folder. */
export function readFolder(folder: string): FolderContent {
  const content: FolderContent = { images: [], folders: [], others: [] };
  if (!isFolder(folder)) return content;
  for (const name of readdirSync(folder).sort(naturalOrder)) {
    if (name.startsWith('.')) continue;
    if (isFolder(join(folder, name))) content.folders.push(name);
    else if (isImageName(name)) content.images.push(name);
    else content.others.push(name);
  }
  return content;
}

/** "train, test and 3 files": what a message says was found. */
export function describeFolder(folder: string): string {
  const found = statOrUndefined(folder);
  if (!found) return 'no such folder';
  if (!found.isDirectory()) return 'a file';
  const { images, folders, others } = readFolder(folder);
  const counts: [number, string][] = [
    [folders.length, 'folder'],
    [images.length, 'image'],
    [others.length, 'other file'],
  ];
  const parts = counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
  const names = folders.length > 0 ? ` (${folders.slice(0, 8).join(', ')})` : '';
  return parts.length > 0 ? parts.join(', ') + names : 'an empty folder';
}
