import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { findValueRange } from '../data/find-value-range';
import type { Fit } from '../data/frame';
import { loadFrames } from '../data/load-frames';
import type { RegionOfInterest } from '../data/region-of-interest';
import { withRegions } from '../data/regions-of-pictures';
import type { Dataset, Sample } from '../data/sample';
import { splitTrain } from '../data/split';
import { writeFileAtomic } from '../files/atomic-write';
import { FileError } from '../files/file-error';
import { readJsonFile, readParts } from '../files/read-file';
import { quantile } from '../metrics/quantile';
import { methodConfig, methodOf, recipeOf } from '../methods/index';
import type { MethodConfig } from '../methods/index';
import { sizeOf } from '../models/side-or-size';
import type { SideOrSize } from '../models/side-or-size';
import type { Teacher } from '../models/teacher';
import { RunFolder } from '../training/run-folder';
import { measureOnMadeUp, withMadeUpDefects } from './made-up-defects';
import type { JudgedImages, MadeUpResult } from './made-up-defects';
import { openRun } from './open-run';
import { learningSeconds } from './run-config';
import { loadTiles } from './train-tiles';
import { trainDetector } from './train-detector';
import type { TrainDetectorOptions } from './train-detector';

/** The share of the good images that no method learns from, and that methods are measured on. */
const HELD_OUT = 0.2;

/** Enough for a detector on most sets, and not the hours of a whole training. */
const DEFAULT_STEPS = 240;

/** Of the held-out pictures' tiles, so many are judged at most. */
const JUDGED_TILES = 200;

/** A method that is tried. */
interface Candidate {
  /** As `stfpm train --method` calls it; its run folder too. */
  name: string;
  settings: (trained: number, steps: number) => Readonly<Record<string, unknown>>;
  /** The candidate whose student is taken over. */
  student?: string;
}

/** What can be tried in minutes; the one that is ready first comes first. */
const CANDIDATES: readonly Candidate[] = [
  { name: 'patchcore', settings: () => ({}) },
  { name: 'one-class', settings: () => ({}) },
  {
    name: 'stfpm',
    settings: (trained, steps) => ({
      protocol: 'B',
      epochs: Math.ceil(steps / Math.ceil(trained / BATCH)),
    }),
  },
  { name: 'levels-and-memory', settings: () => ({ epochs: 0 }), student: 'stfpm' },
  { name: 'fusion', settings: () => ({ epochs: 0 }), student: 'stfpm' },
];

/** The methods that can be tried, by name. */
export const CANDIDATE_NAMES: readonly string[] = CANDIDATES.map(({ name }) => name);

/** Images of a step. */
const BATCH = 32;

export interface ChooseOptions extends Pick<TrainDetectorOptions, 'signal'> {
  /** Default 256. */
  imageSize?: SideOrSize;
  /** Default 'stretch'. */
  fit?: Fit;
  /** By how much tiles of `imageSize` overlap. Default null: pictures are seen whole. */
  tileOverlap?: number | null;
  /** What counts of the images, see `withRegions`; only methods that can leave the rest out are tried. Default: the data set's. */
  roi?: string;
  /** The value that is white, see `findValueRange`. Default: found from the images. */
  white?: number;
  seed?: number;
  /** Which methods to try, of `CANDIDATE_NAMES`. Default: all. */
  methods?: readonly string[];
  /** Of STFPM's training, rounded up to whole epochs. Default 240. */
  steps?: number;
  /** Said as each method's turn comes. */
  onTrial?: (name: string, config: MethodConfig) => void;
  /** Said when its detector can be used, before it is measured. */
  onReady?: (name: string, config: MethodConfig, run: string, seconds: number) => void;
  /** Said when its numbers are there. */
  onResult?: (trial: Trial) => void;
  train?: Pick<TrainDetectorOptions, 'onPrepare' | 'onStep' | 'onEpoch'>;
}

/** What a method came to on held-out good images and made-up defects on them. */
export interface Trial extends MadeUpResult {
  /** What tables call the method. */
  title: string;
  /** Its finished run. */
  folder: string;
  /** Of learning, in whatever session it was, with that of the student that was taken over. */
  seconds: number;
  /** What the user should know of its learning. */
  notes: string[];
}

export interface Choice {
  trials: Trial[];
  chosen: Trial;
  /** The methods that the measurement cannot tell from the best one, the chosen one among them. */
  equals: string[];
  /** Held-out good images, and images with made-up defects, that the numbers are of. */
  images: { good: number; madeUp: number };
}

/**
 * Tries the quick methods on a user's good images and keeps each as a run. They are compared on the images that none
 * learnt from, and on made-up defects on these (`defectSimulator`, both of its generators): by image AUROC; those that
 * resampling the images cannot tell from the best, by pixel AP on the generator that none learns from; those without
 * maps last. No real defect is looked at, so that the choice says which method sees what is unlike the good images, and
 * no more. STFPM chooses its epoch by the held-out images, and where maps are joined their scales come from them, which
 * is a small advantage on them.
 *
 * @param folder gets a run folder for each method
 * @throws RangeError for fewer than 5 good images, methods that cannot be tried, or images on which no defect can be
 *   made up; FileError where the folder holds runs of other images
 */
export async function chooseMethod(
  images: Dataset,
  teacher: Teacher,
  folder: string,
  options: ChooseOptions = {},
): Promise<Choice> {
  const {
    imageSize = 256,
    fit = 'stretch',
    tileOverlap = null,
    seed = 0,
    steps = DEFAULT_STEPS,
    signal,
  } = options;
  const dataset =
    options.roi === undefined ? images : await withRegions(images, options.roi, { signal });
  const { roi = null } = dataset;
  const candidates = candidatesNamed(options.methods ?? candidatesFor(roi));
  const { train: good, category } = dataset;
  if (good.length < 5) {
    throw new RangeError(
      `Expected at least 5 good images, of which some are held out to compare by, found ${good.length}.`,
    );
  }
  claimFolder(folder, good);
  const { validation, train } = splitTrain(good, { validationShare: HELD_OUT, seed });
  const { range: valueRange } = await findValueRange(good, { white: options.white, signal });
  const size = sizeOf(imageSize);
  const heldOut =
    tileOverlap === null
      ? await loadFrames(validation, { size, fit, valueRange, roi, signal })
      : await loadTiles(validation, {
          ...{ size, valueRange, roi, seed, signal },
          ...{ overlap: tileOverlap, limit: JUDGED_TILES },
        });
  let judged: JudgedImages | undefined;

  const trials: Trial[] = [];
  const resampled: Float64Array[] = [];
  for (const { name, settings, student } of candidates) {
    const config = methodConfig({
      ...settings(train.length, steps),
      recipe: recipeOf({ name }),
      category,
      imageSize,
      valueRange,
      roi,
      fit,
      tileOverlap,
      seed,
      validationShare: HELD_OUT,
    });
    options.onTrial?.(name, config);
    const run = path.join(folder, name);
    const result = await trainDetector(config, dataset, teacher, run, {
      ...options.train,
      signal,
      studentRun: student === undefined ? undefined : path.join(folder, student),
    });
    if (result.status !== 'finished') throw signal?.reason;
    const seconds = learningSeconds(new RunFolder(run));
    options.onReady?.(name, config, run, seconds);
    // Not before: the first detector should be there as soon as it can.
    judged ??= await withMadeUpDefects(heldOut, seed, signal);
    const { detector } = openRun(run, teacher.source.file);
    try {
      const { result: measured, aurocs } = await measureOnMadeUp(detector, judged, signal);
      const { title } = methodOf(config);
      trials.push({ title, folder: run, seconds, ...measured, notes: result.notes ?? [] });
      resampled.push(aurocs);
    } finally {
      await detector.dispose();
    }
    options.onResult?.(trials[trials.length - 1]);
  }
  const counts = { good: heldOut.count, madeUp: judged!.stack.count - heldOut.count };
  return { trials, ...choose(trials, resampled), images: counts };
}

/** The methods that can leave out what does not count. */
function candidatesFor(roi: RegionOfInterest | null): readonly string[] {
  if (roi === null) return CANDIDATE_NAMES;
  return CANDIDATE_NAMES.filter(
    (name) => methodOf(methodConfig({ recipe: recipeOf({ name }), category: 'any' })).canPad,
  );
}

/** @throws RangeError for another name, or for a method without the one whose student it takes over */
function candidatesNamed(names: readonly string[]): Candidate[] {
  const unknown = names.find((name) => !CANDIDATE_NAMES.includes(name));
  if (unknown !== undefined || names.length === 0) {
    const found = unknown === undefined ? 'none' : `"${unknown}"`;
    throw new RangeError(`Expected methods among ${CANDIDATE_NAMES.join(', ')}, found ${found}.`);
  }
  const candidates = CANDIDATES.filter(({ name }) => names.includes(name));
  for (const { name, student } of candidates) {
    if (student === undefined || names.includes(student)) continue;
    throw new RangeError(`${name} takes over the student of ${student}: expected both, found one.`);
  }
  return candidates;
}

/**
 * Notes in the folder which images its runs are of. Runs that are there are gone on with, and those of other pictures
 * must not pass for runs of these.
 */
function claimFolder(folder: string, good: readonly Sample[]): void {
  const file = path.join(folder, 'images.json');
  const hash = createHash('sha256');
  for (const image of good) {
    hash.update(path.basename(image.file)).update('\0');
    const parts = readParts(image.file, (found, cause) => {
      throw new FileError(image.file, 'a picture', found, { cause });
    });
    for (const part of parts) hash.update(part);
  }
  const sha256 = hash.digest('hex');
  if (fs.existsSync(file)) {
    const found = readJsonFile(file, 'which images a choice is of') as { sha256?: string };
    if (found.sha256 === sha256) return;
    throw new FileError(folder, 'a folder for these good images', 'one with runs of other images');
  }
  fs.mkdirSync(folder, { recursive: true });
  writeFileAtomic(file, `${JSON.stringify({ images: good.length, sha256 }, null, 2)}\n`);
}

/** @param resampled AUROCs of the same resamplings, by trial */
function choose(
  trials: readonly Trial[],
  resampled: readonly Float64Array[],
): Pick<Choice, 'chosen' | 'equals'> {
  const aurocs = trials.map(({ imageAuroc }) => imageAuroc);
  const best = aurocs.indexOf(Math.max(...aurocs));
  const isEqual = (trial: number) => {
    const differences = resampled[best].map((auroc, i) => auroc - resampled[trial][i]).sort();
    return trial === best || quantile(differences, 0.05) <= 0;
  };
  const equals = trials.filter((_, i) => isEqual(i));
  const chosen = [...equals].sort((a, b) => (b.pixelAp ?? -1) - (a.pixelAp ?? -1))[0];
  return { chosen, equals: equals.map(({ title }) => title) };
}
