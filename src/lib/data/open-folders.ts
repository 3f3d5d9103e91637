import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { sha256OfAll } from '../files/sha256';
import { IMAGE_FORMATS } from './formats/kinds';
import {
  comparableName,
  DatasetError,
  describeFolder,
  isFolder,
  isGoodName,
  listNames,
  readFolder,
  readFolderTree,
} from './folder';
import type { Dataset, OpenedCategory, Sample } from './sample';
import { withRegions } from './regions-of-pictures';
import { divideImages } from './split';
import type { Divisible, Role } from './split';
import { setMasksAside, TruthFiles, truthStems } from './truth-files';
import type { Truth } from './truth-files';

export interface OpenFoldersOptions {
  /** Folders of images without defects; what lies in folders below them is read too. */
  good: string | readonly string[];
  /**
   * Folders of images with defects. The type of a defect is the name of the first folder below, else of the folder itself;
   * a folder below that is called good, ok, normal or 0 holds good test images.
   */
  bad?: string | readonly string[];
  /**
   * Folders of masks, named like their images (`007.png` or `007_mask.png`), or COCO files. Masks that lie beside the images
   * with defects are found without.
   */
  masks?: string | readonly string[];
  /** Good images to test on. Default: some of `good`, drawn by seed. With them, nothing of `good` is held out here. */
  testGood?: string | readonly string[];
  /**
   * What counts of the images: the file of one region for all of them, or the folder of one for each; see `withRegions`.
   * Default: all of each.
   */
  roi?: string;
  /** What the data set is called. Default: the name of the folder of good images, or of the one above if it is called good. */
  name?: string;
  /**
   * A regular expression on the images' paths below their folder: those with the same match (of its groups in brackets, if
   * there are any) show one part, or come from one camera, and never get different roles. Images that it does not match
   * stand alone.
   */
  groupBy?: string | RegExp;
  /** Of the division. Default 0. */
  seed?: number;
  /** Share of the good images to test on. Default 0.2. */
  testShare?: number;
  /** Share of the good images that is held out for the threshold. Default 0.2. */
  heldOutShare?: number;
  /** Throw an error for what otherwise only gives a warning. Default false. */
  strict?: boolean;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Names that say the contrary of good. */
const BAD_NAMES =
  /^(bad|nok|ng|not[-_ ]?ok|not[-_ ]?good|defects?|defective|anomal(y|ies|ous)|abnormal|faulty|faults?|rejects?|rejected|scrap)$/i;

/** Names of folders of masks. */
const MASK_NAMES = /^(masks?|ground[-_ ]?truths?|gt|labels?|annotations?|segmentations?)$/i;

interface Found {
  sample: Omit<Sample, 'split' | 'category'>;
  /** Path below the folder that was named. */
  path: string;
  /** The folder that was named. */
  folder: string;
  /** Of an image with a defect. */
  truth?: Truth | null;
}

/**
 * A user's own folders of images as a data set. Where no good test images are named, the good ones are divided by seed into
 * those to train on, those held out for the threshold, and those to test on (`divideImages`), never by the order of their
 * names; copies of one image, and images of one group, stay together.
 *
 * @throws DatasetError for a folder that is missing or without images, holds what contradicts its name, or is named twice;
 *   with `strict` also for the first warning. RangeError for shares that leave nothing to train on. As `withRegions` for a
 *   region of interest.
 */
export async function openFolders(options: OpenFoldersOptions): Promise<OpenedCategory> {
  const { seed = 0, groupBy, signal, onProgress } = options;
  const [good, bad, testGood, masks] = [
    options.good,
    options.bad,
    options.testGood,
    options.masks,
  ].map((paths) => pathsOf(paths));
  if (good.length === 0) throw new Error('Expected a folder of good images, found none named.');
  requireDifferent([...good, ...bad, ...testGood]);
  const warnings: string[] = [];
  const root = commonFolder([...good, ...bad, ...testGood]);
  const name = comparableName(options.name ?? nameOf(good[0]));
  const noted = new Notes(root);

  const goodImages = good.flatMap((folder) => findGood(folder, noted));
  const truths = new TruthFiles();
  for (const path of masks) truths.add(path);
  const badImages = withoutShared(bad.flatMap((folder) => findBad(folder, truths, noted)));
  const tested = [
    ...testGood.flatMap((folder) => findGood(folder, noted)),
    ...badImages.filter(({ sample }) => sample.label === 0),
  ];
  const defects = badImages.filter(({ sample }) => sample.label === 1);
  const unused = truths.unused().map((file) => showPath(root, file));
  warnings.push(
    ...noted.warnings(),
    ...sharedWarnings(defects, root),
    ...truthWarnings(defects, unused, masks.length > 0),
  );
  if (truths.others.length > 0) {
    warnings.push(`among the masks, files of no known kind, not read: ${listNames(truths.others)}`);
  }

  const all = [...goodImages, ...tested, ...defects];
  const sums = await sha256OfAll(
    all.map(({ sample }) => sample.file),
    { signal, onProgress },
  );
  const sumOf = new Map(all.map(({ sample }, i) => [sample.file, sums[i]]));
  const groups = groupsOf(all, groupBy, warnings);
  const groupOf = ({ sample }: Found) => groups.get(sample.file);

  const isGiven = tested.length > 0;
  let roles: Role[] = goodImages.map(() => 'train');
  if (isGiven) requireApart(goodImages, [...tested, ...defects], groupOf);
  else {
    const defectGroups = new Set(defects.flatMap((image) => groupOf(image) ?? []));
    const divisible = goodImages.map((image): Divisible => {
      const group = groupOf(image);
      return {
        sha256: sumOf.get(image.sample.file)!,
        group,
        stratum: dirname(image.sample.file),
        // A part that shows a defect in one picture must not be learnt from in another.
        isTest: group !== undefined && defectGroups.has(group),
      };
    });
    roles = divideImages(divisible, {
      seed,
      testShare: options.testShare,
      heldOutShare: options.heldOutShare,
    });
    if (!roles.includes('train')) {
      throw new DatasetError(
        root,
        'good images of groups that hold no defect, to train on',
        `${goodImages.length} good images, each in a group with a defect (group by ${String(groupBy)})`,
      );
    }
    const isWanted = options.testShare !== 0 && options.heldOutShare !== 0;
    if (isWanted && !(roles.includes('test') && roles.includes('held-out'))) {
      const different = new Set(divisible.map(({ group, sha256 }) => group ?? sha256)).size;
      const once =
        different < goodImages.length
          ? ` (${different} without copies and others of the same group)`
          : '';
      warnings.push(
        `${counted(goodImages.length, 'good image')}${once} ${goodImages.length === 1 ? 'is' : 'are'} too few to hold ` +
          'some out: there are none to set a threshold or to test on',
      );
    }
  }
  warnings.push(...duplicateWarnings(goodImages, roles, [...tested, ...defects], sumOf, root));
  const samples = (role: Role) =>
    goodImages
      .filter((_, i) => roles[i] === role)
      .map((image) => finish(image, name, role === 'test' ? 'test' : 'train', groupOf(image)));
  const heldOut = samples('held-out');
  const opened: Dataset = {
    root,
    category: name,
    train: samples('train'),
    test: [
      ...samples('test'),
      ...[...tested, ...defects].map((image) => finish(image, name, 'test', groupOf(image))),
    ],
    ...(!isGiven && { heldOut }),
    division: {
      ...(isGiven ? { by: 'given' } : { by: 'seed', seed }),
      ...(groupBy !== undefined && { groupBy: patternOf(groupBy).source }),
    },
    warnings,
  };
  const dataset = options.roi ? await withRegions(opened, options.roi, { signal }) : opened;
  if (options.strict && dataset.warnings.length > 0) {
    throw new DatasetError(root, 'folders without oddities (strict)', dataset.warnings.join('; '));
  }
  return { dataset, origin: 'folder', description: describeDataset(dataset) };
}

/** One line for reports, without a path. */
export function describeDataset({ category, train, heldOut = [], test }: Dataset): string {
  const held = heldOut.length > 0 ? `, ${heldOut.length} held-out` : '';
  return `"${category}", ${train.length} train${held} and ${test.length} test images`;
}

/** Absolute paths. */
export interface FoldersFound {
  good: string[];
  bad: string[];
  masks: string[];
}

/**
 * What a folder that holds others seems to be: good images in the one that is called good, ok, normal or 0, masks in one
 * called masks or the like, images with defects in the others. Null where none is called good.
 */
export function foldersIn(root: string): FoldersFound | null {
  const { folders } = readFolder(root);
  const paths = (names: string[]) => names.map((name) => join(resolve(root), name));
  const good = folders.filter(isGoodName);
  if (good.length === 0) return null;
  const masks = folders.filter((name) => MASK_NAMES.test(name));
  const bad = folders.filter((name) => !good.includes(name) && !masks.includes(name));
  return { good: paths(good), bad: paths(bad), masks: paths(masks) };
}

function pathsOf(paths: string | readonly string[] | undefined): string[] {
  if (paths === undefined) return [];
  return (typeof paths === 'string' ? [paths] : paths).map((path) => resolve(path));
}

/** @throws DatasetError where a folder is named twice, or lies in another one, so that its images would count twice */
function requireDifferent(folders: readonly string[]): void {
  const real = folders.map((folder) => (isFolder(folder) ? realpathSync(folder) : folder));
  real.forEach((folder, i) => {
    const other = real.findIndex(
      (above, j) => j !== i && (folder === above || folder.startsWith(above + sep)),
    );
    if (other < 0) return;
    throw new DatasetError(folders[i], 'folders apart from one another', `${folders[other]} too`);
  });
}

/** The folder above all of these, each of which stays visible in paths below it. */
function commonFolder(folders: readonly string[]): string {
  let common = dirname(folders[0]);
  const isIn = (folder: string) =>
    folder.startsWith(common.endsWith(sep) ? common : common + sep) && folder !== common;
  while (!folders.every(isIn) && common !== dirname(common)) common = dirname(common);
  return common;
}

/** A data set of good images is called by its folder, and one in a folder that is called good by the one above. */
function nameOf(folder: string): string {
  const own = basename(folder);
  const above = dirname(folder);
  if (!isGoodName(own)) return own;
  // As in MVTec AD's layout: <category>/train/good.
  return /^(train|test)$/i.test(basename(above)) ? basename(dirname(above)) : basename(above);
}

function showPath(root: string, file: string): string {
  const path = relative(root, file).split(sep).join('/');
  return path.startsWith('..') ? file : path;
}

/** What is odd about folders, gathered so that each kind makes one sentence. */
class Notes {
  private readonly notImages: string[] = [];
  private readonly masksAmong: string[] = [];
  private readonly taken: string[] = [];

  constructor(private readonly root: string) {}

  others(folder: string, names: readonly string[]): void {
    this.notImages.push(...names.map((name) => showPath(this.root, join(folder, name))));
  }

  masks(folder: string, names: readonly string[]): void {
    this.masksAmong.push(...names.map((name) => showPath(this.root, join(folder, name))));
  }

  takenForGood(folder: string): void {
    const path = showPath(this.root, folder);
    if (!this.taken.includes(path)) this.taken.push(path);
  }

  warnings(): string[] {
    const { notImages, masksAmong, taken } = this;
    const warnings: string[] = [];
    if (taken.length > 0)
      warnings.push(`taken for good test images by their name: ${listNames(taken)}`);
    if (masksAmong.length > 0) {
      warnings.push(
        `${counted(masksAmong.length, 'mask')} among the images, not taken for images: ${listNames(masksAmong)}`,
      );
    }
    if (notImages.length > 0) {
      warnings.push(
        `${counted(notImages.length, 'file')} whose names are not those of images, not read: ${listNames(notImages)}`,
      );
    }
    return warnings;
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** @throws DatasetError for a folder without images */
function readImages(folder: string, noted: Notes, isAnnotation: (name: string) => boolean) {
  const tree = readFolderTree(folder);
  const { images, masks } = setMasksAside(tree.images);
  if (images.length === 0) {
    throw new DatasetError(folder, `a folder of ${IMAGE_FORMATS} images`, describeFolder(folder));
  }
  const others = tree.others.filter((name) => !isAnnotation(name));
  noted.others(folder, others);
  noted.masks(folder, masks);
  return { images, masks };
}

function findGood(folder: string, noted: Notes): Found[] {
  // labelme writes an empty file for a picture without a defect.
  const { images } = readImages(folder, noted, isJson);
  const names = images.flatMap((path) => path.split('/').slice(0, -1));
  const wrong = names.find(
    (name) => BAD_NAMES.test(name) || MASK_NAMES.test(name) || /^test$/i.test(name),
  );
  if (wrong !== undefined) {
    throw new DatasetError(
      folder,
      'a folder of good images alone',
      `a folder "${wrong}" in it: name the folders of good and of bad images one by one`,
    );
  }
  return images.map((path) => ({
    sample: { file: join(folder, path), defect: 'good', label: 0, maskFile: null },
    path,
    folder,
  }));
}

const isJson = (name: string) => /\.json$/i.test(name);

function findBad(folder: string, truths: TruthFiles, noted: Notes): Found[] {
  if (isGoodName(basename(folder))) {
    throw new DatasetError(folder, 'a folder of bad images', 'one called like those of good ones');
  }
  const { images, masks } = readImages(folder, noted, isJson);
  // Masks, polygons and annotations that lie beside the images.
  const beside = new TruthFiles();
  beside.add(folder, masks);
  return images.map((path): Found => {
    const [first, ...rest] = path.split('/');
    const defect = rest.length > 0 ? comparableName(first) : comparableName(basename(folder));
    const file = join(folder, path);
    if (rest.length > 0 && isGoodName(first)) {
      noted.takenForGood(join(folder, first));
      return { sample: { file, defect: 'good', label: 0, maskFile: null }, path, folder };
    }
    const stems = truthStems(path, basename(folder));
    const truth = truths.find(stems, file) ?? beside.find([path.replace(/\.[^./]*$/, '')], file);
    const maskFile = truth && truth.file;
    return { sample: { file, defect, label: 1, maskFile }, path, folder, truth };
  });
}

const isShared = ({ truth }: Found) =>
  truth !== undefined && truth !== null && truth.images.length > 1;

/** A mask that several images claim is of one of them at most: it is of none here. */
function withoutShared(images: readonly Found[]): Found[] {
  return images.map((image) =>
    isShared(image) ? { ...image, sample: { ...image.sample, maskFile: null } } : image,
  );
}

function sharedWarnings(defects: readonly Found[], root: string): string[] {
  const images = defects.filter(isShared);
  if (images.length === 0) return [];
  const claims = new Map(images.map(({ truth }) => [truth!.images.join('\0'), truth!]));
  const list = [...claims.values()].map(
    ({ file, images: claiming }) =>
      `${showPath(root, file)} (${listNames(claiming.map((image) => showPath(root, image)))})`,
  );
  return [
    `${counted(list.length, 'mask')} with the name of several images: nobody can say of which, and these images are left out ` +
      `of the pixel metrics: ${listNames(list)}`,
  ];
}

function truthWarnings(
  defects: readonly Found[],
  unused: readonly string[],
  isNamed: boolean,
): string[] {
  const without = defects.filter((image) => image.sample.maskFile === null && !isShared(image));
  const warnings: string[] = [];
  if (without.length > 0 && without.length === defects.length) {
    warnings.push(
      isNamed
        ? 'none of the masks has the name of an image with a defect: metrics of whole images alone'
        : 'no masks: metrics of whole images alone',
    );
  } else if (without.length > 0) {
    warnings.push(
      `${counted(without.length, 'defect image')} without a mask, scored at image level and left out of the pixel ` +
        `metrics: ${listNames(without.map(({ path }) => path))}`,
    );
  }
  if (unused.length > 0) {
    warnings.push(
      `${counted(unused.length, 'mask')} without an image, not used: ${listNames(unused)}`,
    );
  }
  return warnings;
}

function patternOf(groupBy: string | RegExp): RegExp {
  if (typeof groupBy !== 'string')
    return new RegExp(groupBy.source, groupBy.flags.replace(/[gy]/g, ''));
  try {
    return new RegExp(groupBy, 'u');
  } catch (error) {
    throw new RangeError(
      `Expected a regular expression to group file names by, found ${JSON.stringify(groupBy)} (${(error as Error).message}).`,
    );
  }
}

/** The group of each file that the pattern matches. */
function groupsOf(
  images: readonly Found[],
  groupBy: string | RegExp | undefined,
  warnings: string[],
): Map<string, string> {
  const groups = new Map<string, string>();
  if (groupBy === undefined) return groups;
  const pattern = patternOf(groupBy);
  const alone: string[] = [];
  for (const { sample, path } of images) {
    const match = pattern.exec(comparableName(path));
    if (!match) alone.push(path);
    else groups.set(sample.file, match.length > 1 ? match.slice(1).join(' ') : match[0]);
  }
  if (groups.size === 0) {
    throw new RangeError(
      `Expected a pattern that matches file names such as ${images[0].path}, found ${pattern.source}, which matches none.`,
    );
  }
  if (alone.length > 0) {
    warnings.push(
      `${counted(alone.length, 'image')} that the pattern ${pattern.source} does not match, each a group of its own: ${listNames(alone)}`,
    );
  }
  return groups;
}

/** @throws DatasetError where a group has images to train on and images to test on, as the folders are given */
function requireApart(
  train: readonly Found[],
  test: readonly Found[],
  groupOf: (image: Found) => string | undefined,
): void {
  const tested = new Set(test.flatMap((image) => groupOf(image) ?? []));
  const both = new Set(
    train.map(groupOf).filter((group) => group !== undefined && tested.has(group)),
  );
  if (both.size === 0) return;
  throw new DatasetError(
    train[0].folder,
    'groups that are trained or tested on',
    `both of ${listNames([...both].map((group) => `"${group}"`))}`,
  );
}

/** Images of the same content whose labels or roles contradict each other. */
function duplicateWarnings(
  good: readonly Found[],
  roles: readonly Role[],
  test: readonly Found[],
  sumOf: ReadonlyMap<string, string>,
  root: string,
): string[] {
  const byContent = new Map<string, Found>();
  good.forEach((image, i) => {
    if (roles[i] !== 'test') byContent.set(sumOf.get(image.sample.file)!, image);
  });
  const trained: string[] = [];
  const contradicting: string[] = [];
  for (const { sample } of test) {
    const other = byContent.get(sumOf.get(sample.file)!);
    if (!other) continue;
    const pair = `${showPath(root, sample.file)} = ${showPath(root, other.sample.file)}`;
    (sample.label === 1 ? contradicting : trained).push(pair);
  }
  const warnings: string[] = [];
  if (contradicting.length > 0) {
    warnings.push(
      `the same picture among the good and the bad ones, in other words labelled wrongly once: ${listNames(contradicting)}`,
    );
  }
  if (trained.length > 0) {
    warnings.push(`test images that are trained on or held out too: ${listNames(trained)}`);
  }
  return warnings;
}

function finish(
  { sample }: Found,
  category: string,
  split: Sample['split'],
  group: string | undefined,
): Sample {
  return { ...sample, category, split, ...(group !== undefined && { group }) };
}
