import { readdirSync, realpathSync, Stats, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { FileError } from '../files/file-error';
import { countKinds, IMAGE_FORMATS, isImageName } from './formats/kinds';
import { Sample } from './sample';

/** A folder that is not the data set it should be: names it, what was expected and what was found. */
export class DatasetError extends FileError {
  override name = 'DatasetError';
}

/** A folder's content by kind, as names in natural order. Hidden entries are left out. */
export interface FolderContent {
  images: string[];
  folders: string[];
  /** Files whose names are not those of images. */
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

/** Files below a folder, named relative to it with forward slashes, in natural order. Hidden entries are left out. */
export interface FolderTree {
  images: string[];
  /** Files whose names are not those of images. */
  others: string[];
}

/** All files in a folder and in the folders below it; nothing when there is no such folder. */
export function readFolderTree(folder: string): FolderTree {
  const tree: FolderTree = { images: [], others: [] };
  // A link to a folder above would go on for ever.
  const above = new Set<string>();
  const visit = (inside: string) => {
    const path = join(folder, inside);
    if (!isFolder(path)) return;
    const real = realpathSync(path);
    if (above.has(real)) return;
    above.add(real);
    const { images, folders, others } = readFolder(path);
    const named = (name: string) => (inside === '' ? name : `${inside}/${name}`);
    tree.images.push(...images.map(named));
    tree.others.push(...others.map(named));
    for (const name of folders) visit(named(name));
    above.delete(real);
  };
  visit('');
  return tree;
}

/**
 * A name in the one form in which names are compared: the same letters may be stored composed (Linux, Windows) or
 * decomposed (macOS, and archives made there).
 */
export function comparableName(name: string): string {
  return name.normalize('NFC');
}

const GOOD_NAMES = ['good', 'ok', 'normal', '0'];

/** Whether a folder's name says that its images are without defects: good, ok, normal or 0, in any case. */
export function isGoodName(name: string): boolean {
  return GOOD_NAMES.includes(name.toLowerCase());
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
  const kinds = others.length > 0 ? ` (${countKinds(others)})` : '';
  return parts.length > 0 ? parts.join(', ') + kinds + names : 'an empty folder';
}

const collator = new Intl.Collator('en', { numeric: true });

/** Compares names as a person orders them, numbers by value: `2.png` before `10.png`. */
export function naturalOrder(a: string, b: string): number {
  // Names that only differ in ways the collator does not see still need one order.
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

const SHOWN = 20;

/** "a, b and c", cut after twenty: for messages. */
export function listNames(names: readonly string[]): string {
  if (names.length > SHOWN) {
    return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
  }
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

/** Levenshtein's distance: how many letters to insert, delete or replace, case aside. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replaced, previous[j] + 1, current[j - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}

/** The name that was probably meant, or undefined when none is near. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(1, name.length / 3) ? best.candidate : undefined;
}

export interface ReadFolderOptions {
  /** What the images are for. Default `test`: images to be judged. */
  split?: 'train' | 'test';
}

/**
 * The images that lie directly in a folder, in natural order: a user's own, to judge or to train
 * on. They count as good (label 0), since nothing says otherwise; the label means nothing
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
