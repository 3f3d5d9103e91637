import { basename, dirname, join, parse, resolve } from 'node:path';
import { IMAGE_FORMATS } from './decode';
import { countKinds } from './formats/kinds';
import {
  DatasetError,
  describeFolder,
  isFolder,
  listNames,
  naturalOrder,
  nearestName,
  readFolder,
} from './folder';
import { Dataset, Sample } from './sample';

export interface ReadMvtecOptions {
  /** Throw an error for what otherwise only gives a warning. Default false. */
  strict?: boolean;
}

/** Whatever is odd about a data set, gathered by kind so that each kind makes one sentence. */
interface Oddities {
  withoutMask: string[];
  withoutImage: string[];
  notImages: string[];
  otherTrain: string[];
  subfolders: string[];
  misplaced: string[];
}

/**
 * Reads the layout of one category of MVTec AD (Bergmann et al., CVPR 2019):
 *
 * ```
 * root/category/train/good/000.png
 * root/category/test/good/000.png
 * root/category/test/<defect>/000.png
 * root/category/ground_truth/<defect>/000_mask.png
 * ```
 *
 * Only names are read here; the images are decoded later. Samples come sorted by defect and file
 * name. A defect image without a mask still counts at image level; a mask without an image, files
 * that are not images and folders beside train/good are ignored; each kind gives one
 * warning. Defects never enter the train split.
 *
 * @param root the data set's folder, or the category's own
 * @throws DatasetError when the category or its train images are missing; with `strict` also for
 *   the first warning
 */
export function readMvtecCategory(
  root: string,
  category: string,
  options: ReadMvtecOptions = {},
): Dataset {
  const folder = findCategoryFolder(root, category);
  const odd: Oddities = {
    withoutMask: [],
    withoutImage: [],
    notImages: [],
    otherTrain: [],
    subfolders: [],
    misplaced: [],
  };
  const train = readTrain(folder, odd);
  const test = readTest(folder, odd);
  for (const part of ['train', 'test', 'ground_truth']) {
    odd.misplaced.push(...readFolder(join(folder, part)).images.map((name) => `${part}/${name}`));
  }
  const warnings = describe(odd, test);
  if (options.strict && warnings.length > 0) {
    throw new DatasetError(folder, 'a complete category (strict)', warnings.join('; '));
  }
  return {
    root: dirname(folder),
    category: basename(folder),
    train,
    test,
    warnings: warnings.map((warning) => `${folder}: ${warning}`),
  };
}

function readTrain(folder: string, odd: Oddities): Sample[] {
  const good = join(folder, 'train', 'good');
  const { images } = noteOddFiles(folder, 'train/good', odd);
  if (images.length === 0) {
    const expected = `${IMAGE_FORMATS} images to train on`;
    throw new DatasetError(good, expected, describeFolder(good));
  }
  odd.otherTrain = readFolder(join(folder, 'train')).folders.filter((name) => name !== 'good');
  return images.map((name) => ({
    file: join(good, name),
    category: basename(folder),
    split: 'train',
    defect: 'good',
    label: 0,
    maskFile: null,
  }));
}

function readTest(folder: string, odd: Oddities): Sample[] {
  const defects = readFolder(join(folder, 'test')).folders;
  const samples = defects.flatMap((defect) => readDefect(folder, defect, odd));
  const truths = readFolder(join(folder, 'ground_truth')).folders;
  for (const defect of truths.filter((name) => name !== 'good' && !defects.includes(name))) {
    const { images } = noteOddFiles(folder, `ground_truth/${defect}`, odd);
    odd.withoutImage.push(...images.map((name) => `${defect}/${name}`));
  }
  return samples;
}

function readDefect(folder: string, defect: string, odd: Oddities): Sample[] {
  const { images } = noteOddFiles(folder, `test/${defect}`, odd);
  const samples = images.map((name): Sample => ({
    file: join(folder, 'test', defect, name),
    category: basename(folder),
    split: 'test',
    defect,
    label: defect === 'good' ? 0 : 1,
    maskFile: null,
  }));
  // Some data sets keep empty masks for good images; they say nothing that the folder does not.
  if (defect === 'good') return samples;

  noteOddFiles(folder, `ground_truth/${defect}`, odd);
  const { masks, orphans } = pairMasks(
    join(folder, 'test', defect),
    join(folder, 'ground_truth', defect),
  );
  odd.withoutImage.push(...orphans.map((name) => `${defect}/${name}`));
  return samples.map((sample) => {
    const name = basename(sample.file);
    const maskFile = masks.get(name) ?? null;
    if (maskFile === null) odd.withoutMask.push(`${defect}/${name}`);
    return { ...sample, maskFile };
  });
}

function noteOddFiles(folder: string, inside: string, odd: Oddities) {
  const content = readFolder(join(folder, inside));
  odd.notImages.push(...content.others.map((name) => `${inside}/${name}`));
  odd.subfolders.push(...content.folders.map((name) => `${inside}/${name}`));
  return content;
}

/** One sentence for each kind of oddity found. */
function describe(odd: Oddities, test: Sample[]): string[] {
  const warnings: string[] = [];
  const warn = (names: string[], sentence: (list: string) => string) => {
    if (names.length > 0) warnings.push(sentence(listNames(names)));
  };
  const count = (names: string[], what: string) =>
    `${names.length} ${what}${names.length === 1 ? '' : 's'}`;

  warn(
    odd.withoutMask,
    (list) =>
      `${count(odd.withoutMask, 'defect image')} without a mask, scored at image level and left ` +
      `out of the pixel metrics: ${list}`,
  );
  warn(
    odd.withoutImage,
    (list) => `${count(odd.withoutImage, 'mask')} without an image, not used: ${list}`,
  );
  warn(
    odd.otherTrain,
    (list) => `train holds folders other than good, not used for training: ${list}`,
  );
  warn(odd.misplaced, (list) => `images outside a good or defect folder, not read: ${list}`);
  warn(odd.subfolders, (list) => `folders where images belong, not read: ${list}`);
  warn(
    odd.notImages,
    (list) =>
      `files whose names are not those of images, not read (${countKinds(odd.notImages)}): ${list}`,
  );
  if (!test.some(({ label }) => label === 0)) {
    warnings.push('no image in test/good, so that most metrics cannot be computed');
  }
  if (!test.some(({ label }) => label === 1)) {
    warnings.push('no defect image in test, so that most metrics cannot be computed');
  }
  return warnings;
}

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
 * category is treated as a root that holds just this one.
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
function findCategoryFolder(root: string, category: string): string {
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

/** The images of one defect type with their masks. */
export interface MaskPairs {
  /** Path of the mask by the image's name; null where there is none. */
  masks: Map<string, string | null>;
  /** Names of masks that belong to no image. */
  orphans: string[];
}

/**
 * Pairs images with masks by name: `000.png` with `000_mask.png` (MVTec AD) or `000.png` (others),
 * whatever their file extensions.
 *
 * @throws DatasetError when two images or two masks claim the same name
 */
function pairMasks(imageFolder: string, maskFolder: string): MaskPairs {
  const { images } = readFolder(imageFolder);
  const imageOf = uniqueStems(imageFolder, images, (stem) => stem);
  const maskOf = uniqueStems(maskFolder, readFolder(maskFolder).images, (stem) =>
    stem.replace(/_mask$/i, ''),
  );
  const masks = new Map<string, string | null>();
  for (const [stem, image] of imageOf) {
    const mask = maskOf.get(stem);
    masks.set(image, mask === undefined ? null : join(maskFolder, mask));
  }
  const orphans = [...maskOf].filter(([stem]) => !imageOf.has(stem)).map(([, name]) => name);
  return { masks, orphans };
}

function uniqueStems(
  folder: string,
  names: string[],
  stemOf: (name: string) => string,
): Map<string, string> {
  const byStem = new Map<string, string>();
  for (const name of names) {
    const stem = stemOf(parse(name).name);
    const other = byStem.get(stem);
    if (other !== undefined) {
      throw new DatasetError(folder, `one file for '${stem}'`, `${other} and ${name}`);
    }
    byStem.set(stem, name);
  }
  return byStem;
}

/** How many images each category of MVTec AD has (Bergmann et al., CVPR 2019, Table 1). */
export const MVTEC_SIZES: Readonly<Record<string, { train: number; test: number }>> = {
  bottle: { train: 209, test: 83 },
  cable: { train: 224, test: 150 },
  capsule: { train: 219, test: 132 },
  carpet: { train: 280, test: 117 },
  grid: { train: 264, test: 78 },
  hazelnut: { train: 391, test: 110 },
  leather: { train: 245, test: 124 },
  metal_nut: { train: 220, test: 115 },
  pill: { train: 267, test: 167 },
  screw: { train: 320, test: 160 },
  tile: { train: 230, test: 117 },
  toothbrush: { train: 60, test: 42 },
  transistor: { train: 213, test: 100 },
  wood: { train: 247, test: 79 },
  zipper: { train: 240, test: 151 },
};
