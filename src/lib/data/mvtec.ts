import { basename, dirname, join } from 'node:path';
import { DatasetError } from './dataset-error';
import { findCategoryFolder } from './find-category';
import { IMAGE_FORMATS } from './image-formats';
import { listNames } from './list-names';
import { pairMasks } from './pair-masks';
import { describeFolder, readFolder } from './read-folder';
import { Dataset, Sample } from './sample';

export { listMvtecCategories } from './find-category';

export interface ReadMvtecOptions {
  /** Refuse with an error what is otherwise only warned of. Default false. */
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
 * that are not images and folders beside train/good are left aside; each kind is told in one
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
    (list) => `train holds other folders than good, not used for training: ${list}`,
  );
  warn(odd.misplaced, (list) => `images outside a good or defect folder, not read: ${list}`);
  warn(odd.subfolders, (list) => `folders where images belong, not read: ${list}`);
  warn(odd.notImages, (list) => `not images by their names, not read: ${list}`);
  if (!test.some(({ label }) => label === 0)) {
    warnings.push('no image in test/good, so that most metrics cannot be computed');
  }
  if (!test.some(({ label }) => label === 1)) {
    warnings.push('no defect image in test, so that most metrics cannot be computed');
  }
  return warnings;
}
