import { basename, dirname, extname, join, posix } from 'node:path';
import { comparableName, DatasetError, isFolder, readFolderTree } from './folder';
import { isCocoFile, cocoImageNames } from './polygons';

/** What labelling tools add to an image's name for its mask. */
const MASK_ENDING = /[-_ .](mask|masks|gt|groundtruth|ground_truth|label|labels|seg|annotation)$/i;

/** A relative path without its ending, in the form in which names are compared. */
function stemOf(path: string): string {
  return comparableName(path.slice(0, path.length - extname(path).length));
}

/** The path of the image that a mask of this path belongs to, without ending. */
function imageStemOf(path: string): string {
  return stemOf(path).replace(MASK_ENDING, '');
}

/**
 * The masks that lie among images: named like one of them with `_mask` or the like at the end.
 *
 * @param images paths relative to one folder
 * @returns the others, and the masks
 */
export function setMasksAside(images: readonly string[]): { images: string[]; masks: string[] } {
  const stems = new Set(images.map(stemOf));
  const isMask = (path: string) => MASK_ENDING.test(stemOf(path)) && stems.has(imageStemOf(path));
  return {
    images: images.filter((path) => !isMask(path)),
    masks: images.filter(isMask),
  };
}

/** Where the ground truth of an image is. */
export interface Truth {
  /** A picture, a folder of pictures, or a JSON file. */
  file: string;
  /** The images that it was found for: of more than one, nobody can say whose it is. */
  images: readonly string[];
}

/**
 * The ground truths below folders and in annotation files, found by the path of an image without its ending: `scratch/007`
 * finds `scratch/007_mask.png` (MVTec AD), `scratch/007.png`, the folder `scratch/007` with several masks (MVTec LOCO),
 * `scratch/007.json` of labelme, or the annotations of COCO that name such an image.
 */
export class TruthFiles {
  private readonly files = new Map<string, string>();
  /** As they are called: an image may have `_label` or the like in its own name, and its mask the same one. */
  private readonly namesakes = new Map<string, string>();
  /** By folder: the files in it. */
  private readonly folders = new Map<string, string[]>();
  private readonly annotations = new Map<string, string>();
  private readonly used = new Set<string>();
  /** By file, and by the image in one of several: for whom it was found. */
  private readonly owners = new Map<string, string[]>();
  /** Names of files that are no ground truth. */
  readonly others: string[] = [];

  /**
   * Adds all ground truths below a folder, or those of a COCO file.
   *
   * @param only these files of the folder. Default: all.
   * @throws DatasetError for a path that is neither, or two files that claim the same image
   */
  add(path: string, only?: readonly string[]): void {
    if (!isFolder(path)) {
      if (!isCocoFile(path)) {
        throw new DatasetError(
          path,
          'a folder of masks, or a JSON file of COCO annotations',
          'neither',
        );
      }
      this.addCoco(path);
      return;
    }
    const tree = readFolderTree(path);
    for (const name of only ?? tree.images) this.addFile(path, name);
    for (const name of tree.others) {
      const file = join(path, name);
      if (extname(name).toLowerCase() !== '.json') this.others.push(name);
      else if (isCocoFile(file)) this.addCoco(file);
      else this.addFile(path, name);
    }
  }

  private addFile(root: string, name: string): void {
    const stem = imageStemOf(name);
    const file = join(root, name);
    const other = this.files.get(stem);
    const isPicture = extname(name).toLowerCase() !== '.json';
    if (other !== undefined && isPicture && extname(other).toLowerCase() !== '.json') {
      const found =
        dirname(other) === dirname(file)
          ? `${basename(other)} and ${basename(file)}`
          : `${other} and ${file}`;
      throw new DatasetError(dirname(file), `one file for '${posix.basename(stem)}'`, found);
    }
    // A mask that was painted goes before the polygons that it was made of.
    if (other === undefined || isPicture) this.files.set(stem, file);
    if (isPicture) this.namesakes.set(stemOf(name), file);
    const folder = comparableName(posix.dirname(name));
    if (isPicture) this.folders.set(folder, [...(this.folders.get(folder) ?? []), file]);
  }

  private addCoco(file: string): void {
    for (const name of cocoImageNames(file)) {
      const stem = stemOf(name);
      const other = this.annotations.get(stem);
      if (other !== undefined && other !== file) {
        throw new DatasetError(file, `the only annotations of '${stem}'`, `others in ${other}`);
      }
      this.annotations.set(stem, file);
    }
  }

  /**
   * The ground truth of the first of these stems that has one; null without.
   *
   * @param image whose it is
   */
  find(stems: readonly string[], image: string): Truth | null {
    for (const stem of stems.map(comparableName)) {
      const file = this.files.get(stem) ?? this.namesakes.get(stem);
      if (file !== undefined) {
        this.used.add(file);
        return this.owned(file, file, image);
      }
      const several = this.folders.get(stem);
      if (several !== undefined) {
        for (const each of several) this.used.add(each);
        const folder = dirname(several[0]);
        return this.owned(folder, folder, image);
      }
      const annotations = this.annotations.get(stem);
      if (annotations !== undefined) {
        return this.owned(`${annotations}\0${stem}`, annotations, image);
      }
    }
    return null;
  }

  private owned(key: string, file: string, image: string): Truth {
    const images = this.owners.get(key) ?? [];
    if (!images.includes(image)) images.push(image);
    this.owners.set(key, images);
    return { file, images };
  }

  /** The ground truths that belong to no image that was asked for. */
  unused(): string[] {
    const all = new Set([...this.files.values(), ...[...this.folders.values()].flat()]);
    return [...all].filter((file) => !this.used.has(file));
  }
}

/**
 * The stems by which an image's ground truth is looked for: with the folders that it lies in, then without.
 *
 * @param path relative to the folder of images, with forward slashes
 * @param folder the name of that folder
 */
export function truthStems(path: string, folder: string): string[] {
  const stem = stemOf(path);
  const parts = stem.split('/');
  return [`${folder}/${stem}`, ...parts.map((_, i) => parts.slice(i).join('/'))];
}
