import { basename, dirname, extname, join, resolve } from 'node:path';
import { readTextFile } from '../files/read-file';
import { sha256Of } from '../files/sha256';
import { countKinds, IMAGE_FORMATS } from './formats/kinds';
import {
  comparableName,
  DatasetError,
  describeFolder,
  isGoodName,
  listNames,
  naturalOrder,
  nearestName,
  readFolder,
  readFolderTree,
} from './folder';
import { Dataset, Sample } from './sample';
import { setMasksAside, TruthFiles } from './truth-files';

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
  misplaced: string[];
  /** Masks among the images. */
  masksAmong: string[];
  /** Folders that are called otherwise, and were taken for good. */
  takenForGood: string[];
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
 * name, those in folders below with the others. `ok`, `normal` and `0` stand for `good`. Names are compared in one normal
 * form. An image may have several masks, in a folder of its name (MVTec LOCO), or polygons (labelme, COCO). A defect image without a mask still counts at image level; a mask without an image, files
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
    misplaced: [],
    masksAmong: [],
    takenForGood: [],
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
    category: comparableName(basename(folder)),
    train,
    test,
    warnings: warnings.map((warning) => `${folder}: ${warning}`),
  };
}

/** The good images' folder: `good`, else the first that is called like it; undefined without. */
function goodFolderIn(folder: string): string | undefined {
  const { folders } = readFolder(folder);
  return folders.find((name) => name === 'good') ?? folders.find(isGoodName);
}

function readTrain(folder: string, odd: Oddities): Sample[] {
  const name = goodFolderIn(join(folder, 'train')) ?? 'good';
  const good = join(folder, 'train', name);
  const images = readImages(folder, `train/${name}`, odd).images;
  if (images.length === 0) {
    const expected = `${IMAGE_FORMATS} images to train on`;
    throw new DatasetError(good, expected, describeFolder(good));
  }
  odd.otherTrain = readFolder(join(folder, 'train')).folders.filter((other) => other !== name);
  if (name !== 'good') odd.takenForGood.push(`train/${name}`);
  return images.map((name) => ({
    file: join(good, name),
    category: comparableName(basename(folder)),
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
  const known = new Set(defects.map(comparableName));
  for (const defect of truths.filter(
    (name) => !isGoodName(name) && !known.has(comparableName(name)),
  )) {
    const { images } = readImages(folder, `ground_truth/${defect}`, odd);
    odd.withoutImage.push(...images.map((name) => `${defect}/${name}`));
  }
  return samples;
}

function readDefect(folder: string, name: string, odd: Oddities): Sample[] {
  const { images, masks } = readImages(folder, `test/${name}`, odd);
  const isGood = isGoodName(name);
  const defect = isGood ? 'good' : comparableName(name);
  if (isGood && name !== 'good') odd.takenForGood.push(`test/${name}`);
  const imageFolder = join(folder, 'test', name);
  const samples = images.map((image): Sample => ({
    file: join(imageFolder, image),
    category: comparableName(basename(folder)),
    split: 'test',
    defect,
    label: isGood ? 0 : 1,
    maskFile: null,
  }));
  // Some data sets keep empty masks for good images; they say nothing that the folder does not.
  if (isGood) return samples;

  const stems = uniqueStems(imageFolder, images);
  const truthFolder = readFolder(join(folder, 'ground_truth')).folders.find(
    (other) => comparableName(other) === defect,
  );
  const truths = new TruthFiles();
  if (truthFolder !== undefined) truths.add(join(folder, 'ground_truth', truthFolder));
  odd.notImages.push(...truths.others.map((other) => `ground_truth/${name}/${other}`));
  const beside = new TruthFiles();
  beside.add(imageFolder, masks);
  const found = samples.map((sample, i) => {
    const stem = [stems[i]];
    const truth = truths.find(stem, sample.file) ?? beside.find(stem, sample.file);
    const maskFile = truth && truth.file;
    if (maskFile === null) odd.withoutMask.push(`${name}/${images[i]}`);
    return { ...sample, maskFile };
  });
  odd.withoutImage.push(...truths.unused().map((file) => `${name}/${basename(file)}`));
  return found;
}

/** The images in a folder and below, without masks; what is not read is noted. */
function readImages(folder: string, inside: string, odd: Oddities) {
  const tree = readFolderTree(join(folder, inside));
  const others = tree.others.filter((name) => !/\.json$/i.test(name));
  odd.notImages.push(...others.map((name) => `${inside}/${name}`));
  if (inside.startsWith('ground_truth')) return { images: tree.images, masks: [] };
  const { images, masks } = setMasksAside(tree.images);
  odd.masksAmong.push(...masks.map((name) => `${inside}/${name}`));
  return { images, masks };
}

/**
 * The images' paths without their endings.
 *
 * @throws DatasetError when two images claim the same one
 */
function uniqueStems(folder: string, images: readonly string[]): string[] {
  const byStem = new Map<string, string>();
  for (const name of images) {
    const stem = name.slice(0, name.length - extname(name).length);
    const other = byStem.get(stem);
    if (other !== undefined) {
      throw new DatasetError(folder, `one file for '${stem}'`, `${other} and ${name}`);
    }
    byStem.set(stem, name);
  }
  return [...byStem.keys()];
}

/** One sentence for each kind of oddity found. */
function describe(odd: Oddities, test: Sample[]): string[] {
  const warnings: string[] = [];
  const warn = (names: string[], sentence: (list: string) => string) => {
    if (names.length > 0) warnings.push(sentence(listNames(names)));
  };
  const count = (names: string[], what: string) =>
    `${names.length} ${what}${names.length === 1 ? '' : 's'}`;

  const defects = test.filter(({ label }) => label === 1).length;
  if (defects > 0 && odd.withoutMask.length === defects) {
    warnings.push('no masks: metrics of whole images alone');
    odd.withoutMask = [];
  }
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
  warn(odd.takenForGood, (list) => `taken for good images by their name: ${list}`);
  warn(
    odd.masksAmong,
    (list) => `${count(odd.masksAmong, 'mask')} among the images, not taken for images: ${list}`,
  );
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
  return goodFolderIn(join(folder, 'train')) !== undefined;
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
  const isNamed = (name: string) => comparableName(name) === comparableName(category);
  if (isCategory(folder) && isNamed(basename(folder))) return folder;
  if (category !== '' && !isCategory(folder)) {
    const inside = readFolder(folder).folders.find(isNamed);
    if (inside !== undefined) return join(folder, inside);
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

/** Whether a folder is one of MVTec AD's layout, or of one category of it. */
export function hasMvtecCategories(root: string): boolean {
  const folder = resolve(root);
  return isCategory(folder) || categoriesIn(folder).length > 0;
}

/**
 * Whether a category's pictures are those of MVTec AD: 'MVTec AD', 'part of MVTec AD', or null for others, whatever their
 * name and their number. The first train image says it by its content where its checksum is known; where it is not, the
 * licence that comes with the data set does, beside names and sizes.
 */
export function mvtecIdentity({ root, category, train, test }: Dataset): string | null {
  if (!Object.hasOwn(MVTEC_SIZES, category) || train.length === 0) return null;
  const sum = MVTEC_FIRST_IMAGES[category];
  const first = train.find(({ file }) => /^000\./.test(basename(file)));
  if (!first) return null;
  if (sum === undefined ? !hasLicence(root, category) : sha256Of(first.file) !== sum) return null;
  const size = MVTEC_SIZES[category];
  const isWhole = train.length === size.train && test.length === size.test;
  return isWhole ? 'MVTec AD' : 'part of MVTec AD';
}

function hasLicence(root: string, category: string): boolean {
  return [root, join(root, category)].some((folder) =>
    readFolder(folder)
      .others.filter((name) => /^(license|licence|readme)/i.test(name))
      .some((name) =>
        /MVTec|NonCommercial-ShareAlike/i.test(readTextFile(join(folder, name), 'a text')),
      ),
  );
}

/** SHA-256 of train/good/000.png. */
const MVTEC_FIRST_IMAGES: Readonly<Record<string, string>> = {
  bottle: '0a904c1cb48b26288125bfb98a6f1c5ba39553a409e85dea008f52275c5b8d07',
  leather: 'aac097799c07fd48ff55616e55b4785b35a0f271f4649e75304038951f14e321',
};

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
