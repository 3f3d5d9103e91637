import { mapOf } from '../anomaly-map/detection';
import type { Detection } from '../anomaly-map/detection';
import type { AnomalyDetector } from '../anomaly-map/detect';
import type { ImageStack } from '../data/image';
import { both } from '../data/load-frames';
import type { Mask } from '../data/mask';
import { defectSimulator } from '../data/simulated-defects/simulate-defects';
import type { DefectGenerator, SimulatedImage } from '../data/simulated-defects/simulate-defects';
import { hasMaps } from '../evaluation/evaluate-detector';
import { stackPixels } from '../evaluation/evaluate-maps';
import { averagePrecision } from '../metrics/average-precision';
import { quantile } from '../metrics/quantile';
import { Random } from '../random/random';

/** Images with made-up defects by each of the two generators: a few of each held-out image, within these limits. */
const MADE_UP = { perImage: 3, least: 40, most: 120 } as const;

/** Held-out good images, and then such with defects. */
export interface JudgedImages {
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
 * Good images that nothing was learnt from, and copies of them with made-up defects by both generators: what methods and
 * settings are compared on where no real defect may be looked at.
 *
 * @throws RangeError where no defect can be drawn visibly, on images that are black all over, for example; the signal's
 *   reason
 */
export async function withMadeUpDefects(
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

/** What a detector comes to on held-out good images and made-up defects on them. */
export interface MadeUpResult {
  imageAuroc: number;
  /** 95 % of the resamplings of the held-out images give an image AUROC from the first to the second. */
  interval: [number, number];
  /** Of the made-up defects' pixels, of the generator that no method learns from; null for a method without maps. */
  pixelAp: number | null;
  secondsPerImage: number;
}

/**
 * @returns the numbers, and the image AUROCs of resamplings, which are the same ones for each detector
 * @throws the signal's reason
 */
export async function measureOnMadeUp(
  detector: AnomalyDetector,
  { stack, sources, masks, isUnseen }: JudgedImages,
  signal: AbortSignal | undefined,
): Promise<{ result: MadeUpResult; aurocs: Float64Array }> {
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
    result: {
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
