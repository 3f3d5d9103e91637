import { z } from 'zod';
import { clopperPearson } from '../statistics/clopper-pearson';

export const thresholdSchema = z.object({
  value: z.number().finite(),
  pixel: z.number().finite().optional(),
  quantile: z.number().nullable(),
  images: z.number().int().min(0),
  falseAlarms: z.number().int().min(0).optional(),
  source: z.enum(['held-out', 'train', 'cost', 'given']),
  scores: z.array(z.number().finite()).optional(),
  peaks: z.array(z.number().finite()).optional(),
});

/**
 * A detector's threshold, stored with the model: an image whose score is above it is called defective, see `isDefective`.
 * Set from good images alone at the end of training, and again by whoever wants another one.
 */
export interface OperatingThreshold {
  value: number;
  /**
   * The same for a pixel of the map, from the highest pixels of the same good images. Absent from a method without maps
   * and from files that are older than it.
   */
  pixel?: number;
  /** The share of good images that are to be called good; null where nobody asked for a share. */
  quantile: number | null;
  /** How many good images it was set from; 0 of one that is given. */
  images: number;
  /** How many of these score above it. Absent from files that are older than it. */
  falseAlarms?: number;
  /**
   * The good images that it was set from: 'held-out' from learning, or 'train' images, which score lower than new ones, so
   * that nothing can be promised; 'cost': from good and defective images together; 'given' as a number.
   */
  source: 'held-out' | 'train' | 'cost' | 'given';
  /** Scores of the good images, ascending: another threshold can be set from them without the images. */
  scores?: number[];
  /** The highest values of their maps, ascending; absent where these are the scores. */
  peaks?: number[];
}

/** @throws Error when the text is something else, saying what */
export function parseThreshold(text: string | undefined): OperatingThreshold | null {
  if (text === undefined) return null;
  const found = (what: string, cause: unknown) =>
    new Error(`Expected an operating threshold, found ${what}.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw found('no JSON', cause);
  }
  const result = thresholdSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw found(faults.join('; ').trim(), result.error);
}

/**
 * Whether an image, or a pixel, is called defective: its score is above the threshold. One that equals the threshold is
 * called good.
 *
 * @throws RangeError if either is NaN, which is neither above nor below anything
 */
export function isDefective(score: number, threshold: number): boolean {
  if (Number.isNaN(score)) throw new RangeError('isDefective: expected a score, found NaN.');
  if (Number.isNaN(threshold))
    throw new RangeError('isDefective: expected a threshold, found NaN.');
  return score > threshold;
}

/** The share of false alarms that a threshold is set for unless another one is asked for. */
export const FALSE_ALARM_RATE = 0.01;

/**
 * Scores of one image differ by less than this share of them between TensorFlow, ONNX Runtime and machines. A threshold
 * keeps this distance from the scores that it was set from, or rounding would decide on their verdicts.
 */
const ROUNDING = 1e-4;

/** Scores of good images, or with them, that a threshold is set from. */
export interface GoodScores {
  scores: readonly number[];
  /** The highest value of each image's map, in any order; null without maps. */
  peaks: readonly number[] | null;
}

/**
 * The threshold that lets at most this share of new good images pass for defective, on average over the good images that
 * it could have been set from: with n of them it lies above the ⌈(n + 1)(1 - rate)⌉th, in the middle of the gap to the
 * next one (the first gap from there that rounding cannot close). Where there is no next one, the images are too few
 * for the rate (see `promiseOf`), and it lies above the largest score: by a hundredth of the distance from the median to
 * it, and at least by a thousandth of the score.
 *
 * @param rate above 0, below 1
 * @throws RangeError for another rate, no scores, or one that is not finite
 */
export function thresholdFromGood(
  { scores, peaks }: GoodScores,
  source: 'held-out' | 'train',
  rate = FALSE_ALARM_RATE,
): OperatingThreshold {
  if (!(rate > 0 && rate < 1)) {
    throw new RangeError(`Expected a rate of false alarms above 0 and below 1, found ${rate}.`);
  }
  const sorted = ascending(scores);
  const { length } = sorted;
  if (length === 0) throw new RangeError('Expected scores of good images, found none.');
  // Without the small number, .99 of 99 + 1 would be more than 99.
  const rank = Math.min(length, Math.max(1, Math.ceil((length + 1) * (1 - rate) - 1e-9)));
  const value = above(sorted, rank);
  const highest = peaks && ascending(peaks);
  const areScores = highest?.every((peak, i) => peak === sorted[i]) ?? true;
  return {
    value,
    ...(highest && { pixel: areScores ? value : above(highest, rank) }),
    quantile: Number((1 - rate).toPrecision(12)),
    images: length,
    falseAlarms: sorted.filter((score) => isDefective(score, value)).length,
    source,
    scores: sorted,
    ...(highest && !areScores && { peaks: highest }),
  };
}

/** What the mistakes cost, in any unit, and how often there is a defect. */
export interface Costs {
  /** Of a defect that is called good. */
  missed: number;
  /** Of a good image that is called defective. */
  falseAlarm: number;
  /** The share of defective images where the detector is to work, above 0, below 1. */
  defectRate: number;
}

/**
 * The threshold of least cost an image, from good images and defective ones that the detector has not learnt from: in the
 * middle of the widest gap between scores among those of least cost.
 *
 * @throws RangeError without scores of both kinds, for one that is not finite, and for costs that are not above 0
 */
export function thresholdByCost(
  good: GoodScores,
  defect: readonly number[],
  { missed, falseAlarm, defectRate }: Costs,
): OperatingThreshold & { cost: number; missedDefects: number } {
  const [goodSorted, defectSorted] = [ascending(good.scores), ascending(defect)];
  if (goodSorted.length === 0 || defectSorted.length === 0) {
    throw new RangeError(
      `Expected scores of good and of defective images, found ${goodSorted.length} and ${defectSorted.length}.`,
    );
  }
  if (!(missed > 0 && falseAlarm > 0 && defectRate > 0 && defectRate < 1)) {
    throw new RangeError('Expected costs above 0, and a rate of defects above 0 and below 1.');
  }
  const all = ascending([...goodSorted, ...defectSorted]);
  const distinct = all.filter((score, i) => score !== all[i - 1]);
  const countAbove = (scores: readonly number[], value: number) =>
    scores.filter((score) => isDefective(score, value)).length;
  const tried = [below(all), ...middles(distinct), above(all, all.length)].map((value, i) => {
    const falseAlarms = countAbove(goodSorted, value);
    const missedDefects = defectSorted.length - countAbove(defectSorted, value);
    const cost =
      (defectRate * missed * missedDefects) / defectSorted.length +
      ((1 - defectRate) * falseAlarm * falseAlarms) / goodSorted.length;
    const isEnd = i === 0 || i === distinct.length;
    return {
      value,
      falseAlarms,
      missedDefects,
      cost,
      gap: isEnd ? 0 : distinct[i] - distinct[i - 1],
    };
  });
  const least = Math.min(...tried.map(({ cost }) => cost));
  const best = tried
    .filter(({ cost }) => cost <= least * (1 + 1e-9))
    .reduce((widest, each) => (each.gap > widest.gap ? each : widest));
  const peaks = good.peaks && ascending(good.peaks);
  const areScores = peaks?.every((peak, i) => peak === goodSorted[i]) ?? true;
  const rank = goodSorted.length - best.falseAlarms;
  return {
    value: best.value,
    ...(peaks && { pixel: areScores ? best.value : above(peaks, Math.max(1, rank)) }),
    quantile: null,
    images: goodSorted.length,
    falseAlarms: best.falseAlarms,
    source: 'cost',
    scores: goodSorted,
    ...(peaks && !areScores && { peaks }),
    cost: best.cost,
    missedDefects: best.missedDefects,
  };
}

/**
 * Another threshold for the scores that an earlier one was set from.
 *
 * @throws RangeError where these were not stored with it
 */
export function resetThreshold(threshold: OperatingThreshold, rate: number): OperatingThreshold {
  const { scores, peaks, pixel, source } = threshold;
  if (!scores) {
    throw new RangeError(
      'The scores that the threshold was set from were not stored with it: the model is older than that.',
    );
  }
  const highest = peaks ?? (pixel === undefined ? null : scores);
  return thresholdFromGood(
    { scores, peaks: highest },
    source === 'train' ? 'train' : 'held-out',
    rate,
  );
}

/** A threshold that somebody names: what is known of its false alarms is counted anew. */
export function givenThreshold(
  value: number,
  before: OperatingThreshold | null,
  pixel = before?.peaks || before?.pixel === undefined ? before?.pixel : value,
): OperatingThreshold {
  const scores = before?.scores;
  return {
    value,
    ...(pixel !== undefined && { pixel }),
    quantile: null,
    images: scores?.length ?? 0,
    ...(scores && { falseAlarms: scores.filter((score) => isDefective(score, value)).length }),
    source: 'given',
    ...(scores && { scores }),
    ...(before?.peaks && { peaks: before.peaks }),
  };
}

/** What can be said of the false alarms among new good images of the same kind. */
export interface Promise95 {
  /** The rate that is expected at most. */
  expected: number;
  /** The 95 % interval of the rate. */
  interval: [number, number];
  /** Good images that the rate asked for takes, and for it to hold with 95 % confidence; null where none was asked for. */
  needed: { onAverage: number; surely: number } | null;
}

/**
 * Null where nothing can be said: train images, a threshold that was chosen by its mistakes on the images, one without
 * images, or one whose false alarms are not known.
 */
export function promiseOf(threshold: OperatingThreshold): Promise95 | null {
  const { images, falseAlarms, quantile, source } = threshold;
  if (source === 'train' || source === 'cost' || images === 0 || falseAlarms === undefined)
    return null;
  const rate = quantile === null ? null : 1 - quantile;
  return {
    expected: Math.min(1, (falseAlarms + 1) / (images + 1)),
    interval: clopperPearson(falseAlarms, images),
    needed:
      rate === null
        ? null
        : {
            onAverage: Math.ceil(1 / rate - 1e-9) - 1,
            surely: Math.ceil(Math.log(0.05) / Math.log1p(-rate) - 1e-9),
          },
  };
}

/** @throws RangeError for a score that is not finite */
function ascending(scores: readonly number[]): number[] {
  const broken = scores.findIndex((score) => !Number.isFinite(score));
  if (broken >= 0) {
    throw new RangeError(
      `Image ${broken} of ${scores.length}: expected a number as its score, found ${scores[broken]}.`,
    );
  }
  return [...scores].sort((a, b) => a - b);
}

/** Gaps that are looked at for one that is wide enough: half a percent of the images, and one at least. */
const gapsTried = (images: number) => 1 + Math.floor(images / 200);

/** A value above the `rank` lowest scores, and below the others as far as rounding allows. */
function above(sorted: readonly number[], rank: number): number {
  const { length } = sorted;
  let widest = { gap: 0, middle: NaN };
  for (let next = rank; next < Math.min(length, rank + gapsTried(length)); next++) {
    const [lower, upper] = [sorted[next - 1], sorted[next]];
    const gap = upper - lower;
    if (gap > widest.gap) widest = { gap, middle: lower + gap / 2 };
    if (gap > 2 * ROUNDING * Math.max(Math.abs(lower), Math.abs(upper))) return lower + gap / 2;
  }
  if (widest.gap > 0) return widest.middle;
  const largest = sorted[length - 1];
  const median = sorted[Math.floor((length - 1) / 2)];
  return largest + margin(largest, largest - median);
}

/** A value below all scores. */
function below(sorted: readonly number[]): number {
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  return sorted[0] - margin(sorted[0], median - sorted[0]);
}

function margin(score: number, spread: number): number {
  return Math.max(Math.abs(score) / 1000, spread / 100) || Number.EPSILON;
}

/** Between each value and the next. */
function middles(distinct: readonly number[]): number[] {
  return distinct.slice(1).map((upper, i) => distinct[i] + (upper - distinct[i]) / 2);
}
