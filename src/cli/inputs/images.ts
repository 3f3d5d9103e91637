import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { DatasetError, isFolder, listNames, readFolder } from '../../lib/data/folder';
import { masksAmong } from '../../lib/data/inspect-images';
import { sizeOf } from '../../lib/models/side-or-size';
import { checkMasks } from '../../lib/data/mask';
import {
  hasMvtecCategories,
  listMvtecCategories,
  mvtecIdentity,
  readMvtecCategory,
} from '../../lib/data/mvtec';
import { openCategory } from '../../lib/data/open-category';
import { foldersIn, openFolders } from '../../lib/data/open-folders';
import { withOwnRegions, withRegions } from '../../lib/data/regions-of-pictures';
import type { Dataset } from '../../lib/data/sample';
import type { ImageSize } from '../../lib/metrics/scores';
import { isSameRegion, regionInWords } from '../../lib/data/region-of-interest';
import type { RegionOfInterest } from '../../lib/data/region-of-interest';
import {
  checkTestImages,
  datasetOfRecord,
  readImageRecord,
  regionsOfRecord,
} from '../../lib/runs/image-record';
import type { ImageRecord } from '../../lib/runs/image-record';
import type { RunConfig } from '../../lib/runs/run-config';
import type { RunFolder } from '../../lib/training/run-folder';
import { SYNTHETIC_CATEGORIES } from '../../lib/data/synthetic/render-synthetic';
import { DEFAULT_CATEGORY, UsageError, wholeNumber } from '../options';
import { CACHE_ROOT } from '../project';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';

export interface ChosenImages {
  dataset: Dataset;
  /** Why these, in a word or two for people. */
  because: string;
  synthetic: boolean;
}

/** A user's own folders, as the command line names them. */
export interface FolderOptions {
  /** --good */
  good?: string[];
  /** --bad */
  bad?: string[];
  /** --masks */
  masks?: string[];
  /** --test-good */
  testGood?: string[];
  /** --name */
  name?: string;
  /** --group-by */
  groupBy?: string;
  /** --split-seed */
  splitSeed?: number;
}

/** Adds the options for a user's own folders. */
export function addFolderOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--good <folder...>',
        'your own good images, with the folders below; some are held out and tested on',
      ).conflicts(['data', 'category', 'synthetic']),
    )
    .option('--bad <folder...>', 'your own images with defects, to test on')
    .option(
      '--masks <path...>',
      'masks of these: folders (names as the images, or with _mask), COCO or labelme JSON',
    )
    .option('--test-good <folder...>', 'good images to test on (default: drawn from --good)')
    .option('--name <name>', "what the data set is called (default: its folder's name)")
    .option(
      '--group-by <regex>',
      'file names with the same match are of one part, and get one role, e.g. "part(\\d+)"',
    )
    .addOption(
      new Option('--split-seed <n>', 'of the division into roles (default: 0)').argParser(
        wholeNumber(0),
      ),
    );
}

export interface ImageChoice extends FolderOptions {
  category?: string;
  /** --data */
  data?: string;
  /** --synthetic */
  synthetic?: boolean;
  strict?: boolean;
  /** Where the images of the run to go on with were. */
  runRoot?: string;
  /** The run to go on with. */
  run?: RunFolder;
  /** --roi */
  roi?: string;
  /** That of the run to go on with. */
  runRoi?: RegionOfInterest | null;
}

/**
 * The images to train on: those named, else those of the run to go on with, else those of the
 * environment, else the lab's own.
 *
 * @throws DatasetError when the images named cannot be used: they are never silently replaced
 */
export async function chooseImages(choice: ImageChoice): Promise<ChosenImages> {
  const chosen = await chooseWhole(choice);
  const record = choice.run ? readImageRecord(choice.run) : null;
  return { ...chosen, dataset: await withinRegions(chosen.dataset, choice, record) };
}

/** The regions of interest that are named, else those of a run where each image has its own. */
async function withinRegions(
  dataset: Dataset,
  { roi, runRoi }: Pick<ImageChoice, 'roi' | 'runRoi'>,
  record: ImageRecord | null,
): Promise<Dataset> {
  if (roi !== undefined) {
    return interruptible((signal) => withRegions(dataset, roi, { signal }));
  }
  if (runRoi?.of !== 'each') return dataset;
  const own = record && regionsOfRecord(record, dataset);
  if (own) return interruptible((signal) => withOwnRegions(own, runRoi.name, { signal }));
  throw new UsageError(
    'The run learnt from images with a region of interest each: name those of these images with --roi.',
  );
}

async function chooseWhole(choice: ImageChoice): Promise<ChosenImages> {
  const { category, data, runRoot, strict, run } = choice;
  if (choice.good) return ownFolders({ ...choice, good: choice.good }, '--good');
  requireGood(choice);
  const own = async (because: string) => {
    const dataset = await ownSyntheticImages(category, strict);
    return { dataset, because, synthetic: true };
  };
  if (choice.synthetic) return own('--synthetic');
  if (data) return named(choice, data, '--data');
  const { MVTEC_AD_ROOT: root } = process.env;
  const record = run && readImageRecord(run);
  if (record?.division && runRoot) {
    const dataset = datasetOfRecord(record, runRoot);
    return { dataset, because: "the run's", synthetic: false };
  }
  if (runRoot && isOwnSynthetic(runRoot)) return own("the run's");
  // A run may have been moved to a machine where the images lie elsewhere.
  if (runRoot && (isFolder(runRoot) || !root)) return named(choice, runRoot, "the run's");
  return root ? named(choice, root, 'MVTEC_AD_ROOT') : own('no data set was named');
}

/** Options that mean nothing without good images. */
function requireGood(options: FolderOptions): void {
  const given = (['bad', 'masks', 'testGood', 'name', 'groupBy', 'splitSeed'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (given === undefined) return;
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`--${option} goes with --good, which names your good images.`);
}

/** @throws DatasetError, RangeError as `openFolders` does */
async function ownFolders(
  options: FolderOptions & { good: string[]; strict?: boolean },
  because: string,
): Promise<ChosenImages> {
  const { splitSeed: seed, ...folders } = options;
  const progress = openProgress();
  const start = performance.now();
  try {
    const { dataset } = await interruptible((signal) =>
      openFolders({
        ...folders,
        seed,
        signal,
        onProgress: (done, total) => {
          if (performance.now() - start < NO_TIME_MILLISECONDS) return;
          progress.update({ name: 'Checking images', done, total });
        },
      }),
    );
    return { dataset, because, synthetic: false };
  } finally {
    progress.stop();
  }
}

async function named(choice: ImageChoice, root: string, because: string): Promise<ChosenImages> {
  const { category, strict } = choice;
  const isMvtec = hasMvtecCategories(root);
  const folders = isMvtec ? null : foldersIn(root);
  const { images } = readFolder(root);
  if (!isMvtec && !folders && images.length > 0) {
    throw new DatasetError(
      root,
      "a folder with one called good in it, or MVTec AD's layout",
      `${images.length} images: if they are good ones, name their folder with --good`,
    );
  }
  if (folders && (category === undefined || category === path.basename(path.resolve(root)))) {
    const chosen = await ownFolders({ ...folders, strict }, because);
    const list = (paths: readonly string[]) =>
      paths.map((folder) => path.basename(folder)).join(', ') || 'none';
    chosen.dataset.warnings.unshift(
      `${root}: taken for good images: ${list(folders.good)}; with defects: ${list(folders.bad)}; ` +
        `masks: ${list(folders.masks)} (--good, --bad and --masks say it otherwise)`,
    );
    return chosen;
  }
  const dataset = readMvtecCategory(root, category ?? onlyCategory(root), { strict });
  return { dataset, because, synthetic: isSynthetic(dataset.root) };
}

/** The category of a data set that has one, else the usual one. */
function onlyCategory(root: string): string {
  const categories = listMvtecCategories(root);
  return categories.length === 1 ? categories[0] : DEFAULT_CATEGORY;
}

const NO_TIME_MILLISECONDS = 500;

/**
 * The lab's own images of a category, rendered on first use.
 *
 * @throws Error for a category that the lab cannot render
 */
export async function ownSyntheticImages(
  category = DEFAULT_CATEGORY,
  strict?: boolean,
): Promise<Dataset> {
  if (!SYNTHETIC_CATEGORIES.has(category)) {
    const names = [...SYNTHETIC_CATEGORIES.keys()].join(', ');
    throw new Error(
      `No data set is named, and the lab's own synthetic images are of ${names}, not "${category}". ` +
        'Name one with --data or the environment variable MVTEC_AD_ROOT.',
    );
  }
  const progress = openProgress();
  const start = performance.now();
  try {
    const { dataset } = await interruptible((signal) =>
      openCategory({
        category,
        // Not even what the environment names.
        root: '',
        syntheticRoot: SYNTHETIC_ROOT,
        strict,
        signal,
        onProgress: (done, total) => {
          // Existing images are skipped at once, and without a word.
          if (performance.now() - start < NO_TIME_MILLISECONDS) return;
          progress.update({ name: 'Rendering synthetic images', done, total });
        },
      }),
    );
    return dataset;
  } finally {
    progress.stop();
  }
}

/** Where the lab's own images are kept once they are rendered. */
const SYNTHETIC_ROOT = path.join(CACHE_ROOT, 'synthetic');

/** Whether a data set's folder is the one that the lab renders for itself when none is named. */
export function isOwnSynthetic(root: string): boolean {
  const inside = path.relative(SYNTHETIC_ROOT, root);
  return !inside.startsWith('..') && !path.isAbsolute(inside);
}

/** Whether a data set was rendered by the lab, for itself or by `stfpm synth`. */
export function isSynthetic(root: string): boolean {
  return isOwnSynthetic(root) || fs.existsSync(path.join(root, 'synthetic.json'));
}

/** What a data set is called in reports, without its path. */
export function datasetName(dataset: Dataset): string {
  if (isSynthetic(dataset.root)) return 'synthetic';
  if (dataset.division) return 'own images';
  const identity = mvtecIdentity(dataset);
  return identity === null ? path.basename(dataset.root) : identity;
}

/** Says what a run would do without a word, in front of a training or a measurement. */
export async function addMaskWarnings(dataset: Dataset, size: ImageSize): Promise<void> {
  const { warnings } = await checkMasks(dataset.test, { size, root: dataset.root });
  dataset.warnings.push(...warnings);
  const { train, heldOut = [], test } = dataset;
  const among = await masksAmong([...train, ...heldOut, ...test].map(({ file }) => file));
  if (among.length > 0) {
    const names = among.map((file) => path.relative(dataset.root, file).split(path.sep).join('/'));
    dataset.warnings.push(
      `${among.length} of the images have two grey values alone, as masks have, and are taken for images: ${listNames(names)}`,
    );
  }
}

/** Which images a run is evaluated on. */
export interface TestImageChoice {
  /** --data */
  data?: string;
  /** As the category's folder is called there, where that is another name than in training. */
  categoryThere?: string;
  strict?: boolean;
  /** --roi. Default: the run's. */
  roi?: string;
}

/**
 * The data set to evaluate a run on: the one named, else the one that it was trained on, else the one of the environment. A
 * run of a user's own folders has the roles that it wrote down, wherever the pictures lie now. Pictures that the run has
 * learnt from, that have changed since, and masks that mislead are named among the data set's warnings.
 *
 * @throws DatasetError when the images named cannot be used; with `strict` also for the first warning
 */
export async function imagesOfRun(
  run: RunFolder,
  trained: Pick<RunConfig, 'config' | 'dataset'>,
  choice: TestImageChoice,
): Promise<Dataset> {
  const record = readImageRecord(run);
  const whole = await testImages(trained, record, choice);
  const runRoi = trained.config.roi;
  const dataset = await withinRegions(whole, { roi: choice.roi, runRoi }, record);
  if (choice.roi !== undefined && !isSameRegion(dataset.roi ?? null, runRoi)) {
    dataset.warnings.push(
      `the region of interest is not that of the run (${regionInWords(runRoi)}), whose threshold was set within its own`,
    );
  }
  if (record) dataset.warnings.push(...(await checkTestImages(record, dataset)));
  await addMaskWarnings(dataset, sizeOf(trained.config.imageSize));
  if (choice.strict && dataset.warnings.length > 0) {
    throw new DatasetError(
      dataset.root,
      'test images without oddities (strict)',
      dataset.warnings.join('; '),
    );
  }
  return dataset;
}

/** @throws DatasetError for a data set that nothing can be tested on */
export function requireTestImages({ root, category, division, test }: Dataset): void {
  if (test.length > 0) return;
  throw division
    ? new DatasetError(
        root,
        'images to test the run on',
        'none: it was trained with too few good images to hold some out, without --bad and without --test-good',
      )
    : new DatasetError(path.join(root, category), 'images in the folder test', 'none');
}

async function testImages(
  { dataset, config }: Pick<RunConfig, 'config' | 'dataset'>,
  record: ImageRecord | null,
  { data, categoryThere, strict }: TestImageChoice,
): Promise<Dataset> {
  if (record?.division && categoryThere === undefined) {
    const root = data === undefined ? dataset.root : path.resolve(data);
    if (data === undefined || !hasMvtecCategories(root)) return datasetOfRecord(record, root);
  }
  const name = categoryThere ?? config.category;
  if (!data && isOwnSynthetic(dataset.root)) return ownSyntheticImages(name, strict);
  const root = data ?? (isFolder(dataset.root) ? dataset.root : process.env.MVTEC_AD_ROOT);
  if (!root) {
    throw new Error(
      `${dataset.root}: expected the data set that the run was trained on, found no such folder. ` +
        'Name it with --data or the environment variable MVTEC_AD_ROOT.',
    );
  }
  return readMvtecCategory(root, name, { strict });
}
