import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { hasMaps } from '../evaluation/evaluate-detector';
import { stackPixels } from '../evaluation/evaluate-maps';
import { mapOf } from '../anomaly-map/detect';
import type { AnomalyDetector, Detection } from '../anomaly-map/detect';
import { findValueRange } from '../data/find-value-range';
import type { Fit } from '../data/frame';
import type { ImageStack } from '../data/image';
import { both, loadFrames } from '../data/load-frames';
import type { RegionOfInterest } from '../data/region-of-interest';
import { withRegions } from '../data/regions-of-pictures';
import type { Mask } from '../data/mask';
import type { Dataset, Sample } from '../data/sample';
import { defectSimulator } from '../data/simulated-defects/simulate-defects';
import type { DefectGenerator, SimulatedImage } from '../data/simulated-defects/simulate-defects';
import { splitTrain } from '../data/split';
import { writeFileAtomic } from '../files/atomic-write';
import { FileError } from '../files/file-error';
import { averagePrecision } from '../metrics/average-precision';
import { quantile } from '../metrics/quantile';
import { methodConfig, methodOf, recipeOf } from '../methods/index';
import type { MethodConfig } from '../methods/index';
import { sizeOf } from '../models/image-size';
import type { SideOrSize } from '../models/image-size';
import type { Teacher } from '../models/teacher';
import { Random } from '../random/random';
import { RunFolder } from '../training/run-folder';
import { openRun } from './open-run';
import { learningSeconds } from './run-config';
import { loadTiles } from './train-tiles';
import { trainDetector } from './train-detector';
import type { TrainDetectorOptions } from './train-detector';

/** The share of the good images that no method learns from, and that methods are measured on. */
const HELD_OUT = 0.2;

/** Enough for a detector on most sets, and not the hours of a whole training. */
const DEFAULT_STEPS = 240;

/** Images with made-up defects by each of the two generators: a few of each held-out image, within these limits. */
const MADE_UP = { perImage: 3, least: 40, most: 120 } as const;

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
export interface Trial {
  /** What tables call the method. */
  title: string;
  /** Its finished run. */
  folder: string;
  imageAuroc: number;
  /** 95 % of the resamplings of the held-out images give an image AUROC from the first to the second. */
  interval: [number, number];
  /** Of the made-up defects' pixels, of the generator that no method learns from; null for a method without maps. */
  pixelAp: number | null;
  /** Of learning, in whatever session it was, with that of the student that was taken over. */
  seconds: number;
  secondsPerImage: number;
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
      const { trial, aurocs } = await measure(detector, judged, signal);
      const { title } = methodOf(config);
      trials.push({ title, folder: run, seconds, ...trial, notes: result.notes ?? [] });
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
    hash.update(path.basename(image.file)).update('\0').update(fs.readFileSync(image.file));
  }
  const sha256 = hash.digest('hex');
  if (fs.existsSync(file)) {
    const found = JSON.parse(fs.readFileSync(file, 'utf8')) as { sha256?: string };
    if (found.sha256 === sha256) return;
    throw new FileError(folder, 'a folder for these good images', 'one with runs of other images');
  }
  fs.mkdirSync(folder, { recursive: true });
  writeFileAtomic(file, `${JSON.stringify({ images: good.length, sha256 }, null, 2)}\n`);
}

/** Held-out good images, and then such with defects. */
interface JudgedImages {
  stack: ImageStack;
  /** Which held-out image each is, or was made of. */
  sources: number[];
  /** Null for a good image. */
  masks: (Mask | null)[];
  /** False for defects of the generator that a method may have learnt from. */
  isUnseen: boolean[];
}

/** How many are tried for each one that is wanted, where defects can hardly be drawn visibly. */
const ATTEMPTS = 10;

/**
 * @throws RangeError where no defect can be drawn visibly, on images that are black all over, for example; the signal's
 *   reason
 */
async function withMadeUpDefects(
  heldOut: ImageStack,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<JudgedImages> {
  const { height, width, count } = heldOut;
  const wanted = Math.min(Math.max(MADE_UP.perImage * count, MADE_UP.least), MADE_UP.most);
  const made: (SimulatedImage & { generator: DefectGenerator })[] = [];
  for (const generator of ['training', 'validation'] as const) {
    const simulate = defectSimulator(heldOut, { seed, generator });
    let found = 0;
    for (let index = 0; found < wanted && index < ATTEMPTS * wanted; index++) {
      signal?.throwIfAborted();
      const simulated = simulate(index);
      await new Promise(setImmediate);
      // A third stay good: those are there already.
      if (simulated.defects.length === 0) continue;
      // Of a defect, what lies in padding or outside a region of interest is none.
      const counts = countedOf(heldOut, simulated.source);
      const mask = counts
        ? { ...simulated.mask, data: both(simulated.mask.data, counts) }
        : simulated.mask;
      if (!mask.data.includes(1)) continue;
      made.push({ ...simulated, mask, generator });
      found++;
    }
    if (found === 0) {
      throw new RangeError(
        'Expected good images on which defects can be made up, found none where one would be visible.',
      );
    }
  }
  const bytes = height * width * 3;
  const data = new Uint8Array((count + made.length) * bytes);
  data.set(heldOut.data);
  made.forEach(({ image }, i) => data.set(image.data, (count + i) * bytes));
  const stack = { count: count + made.length, height, width, data };
  return {
    stack: heldOut.region ? { ...stack, region: regionsWith(heldOut, made) } : stack,
    sources: [...Array.from({ length: count }, (_, i) => i), ...made.map(({ source }) => source)],
    masks: [...Array.from({ length: count }, () => null), ...made.map(({ mask }) => mask)],
    isUnseen: [
      ...Array.from({ length: count }, () => true),
      ...made.map(({ generator }) => generator === 'validation'),
    ],
  };
}

/** Where an image counts, [height, width]; undefined where all of it does. */
function countedOf({ region, height, width }: ImageStack, image: number): Uint8Array | undefined {
  return region?.subarray(image * height * width, (image + 1) * height * width);
}

/** Where the held-out images count, and then those that were made of them. */
function regionsWith(heldOut: ImageStack, made: readonly SimulatedImage[]): Uint8Array {
  const pixels = heldOut.height * heldOut.width;
  const region = new Uint8Array((heldOut.count + made.length) * pixels);
  region.set(heldOut.region!);
  made.forEach(({ source }, i) => {
    region.set(countedOf(heldOut, source)!, (heldOut.count + i) * pixels);
  });
  return region;
}

async function measure(
  detector: AnomalyDetector,
  { stack, sources, masks, isUnseen }: JudgedImages,
  signal: AbortSignal | undefined,
) {
  const start = performance.now();
  const detections = await detector.detect(stack, { signal });
  const secondsPerImage = (performance.now() - start) / 1000 / stack.count;
  const scores = detections.map(({ score }) => score);
  const isDefect = masks.map((mask) => mask !== null);
  const held = isDefect.filter((defect) => !defect).length;
  const imageAuroc = weightedAuroc(scores, isDefect, () => 1);
  const aurocs = resampledAurocs(scores, isDefect, sources, held);
  const sorted = aurocs.slice().sort();
  const interval: [number, number] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  return {
    trial: {
      imageAuroc,
      interval,
      pixelAp: pixelAp(
        detections.filter((_, i) => isUnseen[i]),
        masks.filter((_, i) => isUnseen[i]),
        stack.region &&
          Buffer.concat(isUnseen.flatMap((unseen, i) => (unseen ? countedOf(stack, i)! : []))),
      ),
      secondsPerImage,
    },
    aurocs,
  };
}

/** @param region where the images count, one after the other. Default: everywhere */
function pixelAp(
  detections: readonly Detection[],
  masks: (Mask | null)[],
  region: Uint8Array | undefined,
): number | null {
  if (!hasMaps(detections)) return null;
  const maps = detections.map(mapOf);
  const labels = masks.map((mask) => Number(mask !== null));
  const stack = stackPixels(maps, masks, labels, maps[0].length, region);
  const { counted } = stack;
  if (!counted) return averagePrecision(stack.scores, stack.labels);
  const isCounted = (_: number, i: number) => counted[i] === 1;
  return averagePrecision(stack.scores.filter(isCounted), stack.labels.filter(isCounted));
}

const RESAMPLES = 500;

/**
 * Image AUROCs of resamplings of the held-out images, with all that was made of them. The same resamplings for every
 * method, so that methods can be compared pair by pair.
 */
function resampledAurocs(
  scores: readonly number[],
  isDefect: readonly boolean[],
  sources: readonly number[],
  heldOut: number,
): Float64Array {
  const random = Random.fromSeed(0).fork('resampled held-out images');
  return Float64Array.from({ length: RESAMPLES }, () => {
    const times = new Uint32Array(heldOut);
    for (let i = 0; i < heldOut; i++) times[random.int(heldOut)]++;
    return weightedAuroc(scores, isDefect, (image) => times[sources[image]]);
  });
}

/** The share of the pairs of a defect and a good image that are in order, ties for half; each image counts `weight`. */
function weightedAuroc(
  scores: readonly number[],
  isDefect: readonly boolean[],
  weight: (image: number) => number,
): number {
  let [inOrder, pairs] = [0, 0];
  scores.forEach((defect, i) => {
    if (!isDefect[i] || weight(i) === 0) return;
    scores.forEach((good, j) => {
      if (isDefect[j]) return;
      const pair = weight(i) * weight(j);
      pairs += pair;
      inOrder += pair * (defect > good ? 1 : defect === good ? 0.5 : 0);
    });
  });
  // A resampling without a made-up defect, which needs very few images.
  return pairs === 0 ? 0.5 : inOrder / pairs;
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
