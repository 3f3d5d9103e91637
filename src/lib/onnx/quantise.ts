import { scoresOf } from '../anomaly-map/detect';
import { isDefective, thresholdFromGood } from '../anomaly-map/threshold';
import type { GoodScores, OperatingThreshold } from '../anomaly-map/threshold';
import { imageOf } from '../data/image';
import type { ImageStack } from '../data/image';
import { rankCorrelation } from '../statistics/rank-correlation';
import { decodeModel, encodeModel } from './messages';
import type { ModelProto } from './messages';
import { METADATA_KEY, readDetectorMetadata } from './metadata';
import type { DetectorMetadata, Quantisation } from './metadata';
import { createOnnxDetector } from './onnx-detector';
import type { OnnxDetector } from './onnx-detector';
import {
  INT8_WEIGHT_BITS,
  quantisableParts,
  quantisedGraph,
  rangeNames,
  valuesToCalibrate,
  withoutTransposedConvolutions,
  withRanges,
} from './quantised-graph';
import type { Range, Ranges } from './quantised-graph';
import { VALUE_NAMES } from './detector-graph';
import { openSession } from './runtime';

/** The most that a good picture's score changes unless another bound is asked for: a quarter of itself. */
export const DEFAULT_MAX_CHANGE = 0.25;

export interface QuantiseOptions {
  /**
   * Where the good pictures come from: held out from training, those that were learnt from, which say less of new ones,
   * or given in their place. Default 'given'.
   */
  source?: Quantisation['calibration']['source'];
  /** The most that the score of one of them may change, as a share of the float32 score. Default .25. */
  maxChange?: number;
  /**
   * The scores that thresholds are set from and changes are measured by. Default: of the good pictures as they are
   * given. Of a detector of tiles, where these are tiles, it is asked about the pictures.
   */
  judge?: (detector: OnnxDetector) => Promise<GoodScores>;
  signal?: AbortSignal;
  onProgress?: (what: string, done: number, total: number) => void;
}

/** A detector in integers, and how far it is from the one that it was made from. */
export interface QuantisedDetector {
  /** Bytes of the ONNX file. */
  model: Uint8Array;
  /** As in its metadata. */
  quantisation: Quantisation;
  /** As in its metadata. */
  threshold: OperatingThreshold | null;
  /** How many parts of the networks there are, see `Quantisation.floatParts`. */
  parts: number;
}

/** A detector some of whose parts are in integers. */
interface Attempt {
  quantised: ModelProto;
  found: GoodScores;
  change: { largest: number; mean: number };
  floatParts: readonly string[];
}

/** So many pictures say which parts move the scores most. */
const RANKED_IMAGES = 16;

/**
 * A detector whose networks are computed in 8-bit integers: a quarter of the file, and faster (docs/export.md). The ranges of
 * activations are those of good pictures, never of defects. The threshold is set anew, from the scores that the quantised
 * detector gives them. Where a score changes by more than `maxChange`, the parts of the networks that move scores most are
 * computed in float32 again.
 *
 * @param model what `exportDetector` gave
 * @param good pictures as the detector sees them: at its size, or tiles
 * @throws Error for a detector that is quantised already, or whose networks have no part that can be within the bound;
 *   RangeError without pictures, or for a bound that is not above 0; the signal's reason
 */
export async function quantiseDetector(
  model: Uint8Array,
  good: ImageStack,
  options: QuantiseOptions = {},
): Promise<QuantisedDetector> {
  const { maxChange = DEFAULT_MAX_CHANGE, source = 'given', signal, onProgress } = options;
  if (!(maxChange > 0)) throw new RangeError(`Expected a change above 0, found ${maxChange}.`);
  if (good.count === 0) throw new RangeError('Expected good pictures to calibrate on, found none.');
  const metadata = readDetectorMetadata(model, 'the detector');
  if (metadata.precision !== 'float32') {
    throw new Error('Expected a detector in float32, found one that is quantised already.');
  }
  const read = decodeModel(model);
  const decoded = { ...read, graph: withoutTransposedConvolutions(read.graph) };
  const all = quantisableParts(decoded.graph);
  if (all.length === 0) {
    throw new Error('The detector has no network whose layers can be computed in integers.');
  }
  const ranges = await calibrate(decoded, good, options);
  const judgeSome = async ({ detect }: OnnxDetector, indices?: readonly number[]) =>
    scoresOf(await detect(good, { signal }, indices));
  const judge = options.judge ?? ((detector) => judgeSome(detector));
  const some = Array.from({ length: Math.min(RANKED_IMAGES, good.count) }, (_, i) =>
    Math.floor((i * good.count) / Math.min(RANKED_IMAGES, good.count)),
  );
  const inParts = (parts: readonly string[]): ModelProto => ({
    ...decoded,
    graph: quantisedGraph(decoded.graph, ranges, new Set(parts)),
  });
  const float = await withDetector(model, judge);

  const withFloat = async (floatParts: readonly string[]): Promise<Attempt> => {
    signal?.throwIfAborted();
    const quantised = inParts(all.filter((part) => !floatParts.includes(part)));
    const found = await withDetector(encodeModel(quantised), judge);
    return { quantised, found, change: changeOf(float.scores, found.scores), floatParts };
  };
  const inIntegers = await withFloat([]);
  if (inIntegers.change.largest <= maxChange) return described(inIntegers);
  const ranked = await rankParts();
  // The fewest that are enough lie between these numbers, if more always change scores less, which they mostly do.
  let [low, high] = [1, ranked.length - 1];
  let best: Attempt | null = null;
  let last = inIntegers;
  while (low <= high) {
    const middle = (low + high) >> 1;
    last = await withFloat(ranked.slice(0, middle));
    if (last.change.largest <= maxChange) [best, high] = [last, middle - 1];
    else low = middle + 1;
  }
  if (best) return described(best);
  throw new Error(
    `No part of the networks can be computed in integers with scores that change by at most ${maxChange}: ` +
      `the last one alone changes them by up to ${last.change.largest.toPrecision(2)}.`,
  );

  /** The one that moves scores most comes first. */
  async function rankParts(): Promise<string[]> {
    const scores = (detector: OnnxDetector) => judgeSome(detector, some);
    const wanted = (await withDetector(model, scores)).scores;
    const moved = new Map<string, number>();
    for (const [done, part] of all.entries()) {
      signal?.throwIfAborted();
      onProgress?.('Ranking layers', done, all.length);
      const { scores: alone } = await withDetector(encodeModel(inParts([part])), scores);
      moved.set(part, changeOf(wanted, alone).mean);
    }
    onProgress?.('Ranking layers', all.length, all.length);
    return [...all].sort((a, b) => moved.get(b)! - moved.get(a)!);
  }

  function described({ quantised, found, change, floatParts }: Attempt): QuantisedDetector {
    const threshold = anew(metadata.threshold, found, source);
    const quantisation: Quantisation = {
      weightBits: INT8_WEIGHT_BITS,
      calibration: { images: good.count, source },
      // In the order of computation.
      floatParts: all.filter((part) => floatParts.includes(part)),
      maxChange,
      change: {
        ...change,
        rankCorrelation: rankCorrelation(float.scores, found.scores),
        flips: flipsOf(metadata.threshold, float.scores, threshold, found.scores),
      },
    };
    return {
      model: withMetadata(quantised, { threshold, precision: 'int8', quantisation }),
      quantisation,
      threshold,
      parts: all.length,
    };
  }
}

/**
 * The threshold by the same rule, from the scores of the quantised detector. Null where a threshold follows no such rule:
 * one that somebody named, or chose by costs, is one of float32's scores.
 */
function anew(
  before: OperatingThreshold | null,
  scores: GoodScores,
  source: Quantisation['calibration']['source'],
): OperatingThreshold | null {
  if (before === null || before.quantile === null) return null;
  const rate = Number((1 - before.quantile).toPrecision(12));
  return thresholdFromGood(scores, source === 'train' ? 'train' : 'held-out', rate);
}

async function withDetector<T>(
  model: Uint8Array,
  use: (detector: OnnxDetector) => Promise<T>,
): Promise<T> {
  const detector = await createOnnxDetector(model);
  try {
    return await use(detector);
  } finally {
    await detector.dispose();
  }
}

/** Ranges over all pictures, one after the other: what is computed on the way is large. */
async function calibrate(
  model: ModelProto,
  good: ImageStack,
  { signal, onProgress }: QuantiseOptions,
): Promise<Ranges> {
  const values = valuesToCalibrate(model.graph);
  const ranges = new Map<string, Range>();
  const session = await openSession(
    encodeModel({ ...model, graph: withRanges(model.graph, values) }),
  );
  try {
    const { height, width } = good;
    for (let image = 0; image < good.count; image++) {
      signal?.throwIfAborted();
      onProgress?.('Calibrating', image, good.count);
      const { data } = imageOf(good, image);
      const found = await session.run(
        { name: VALUE_NAMES.images, data, shape: [1, height, width, 3] },
        values.flatMap(rangeNames),
      );
      values.forEach((value, i) => {
        const [[low], [high]] = [found[2 * i], found[2 * i + 1]];
        const before = ranges.get(value) ?? { low, high };
        // Not a comparison, which would pass over a NaN.
        ranges.set(value, { low: Math.min(before.low, low), high: Math.max(before.high, high) });
      });
    }
    onProgress?.('Calibrating', good.count, good.count);
  } finally {
    await session.dispose();
  }
  return ranges;
}

function changeOf(
  before: readonly number[],
  after: readonly number[],
): { largest: number; mean: number } {
  const changes = before.map((score, i) =>
    after[i] === score ? 0 : Math.abs(after[i] - score) / Math.abs(score),
  );
  const broken = changes.findIndex((change) => !Number.isFinite(change));
  if (broken >= 0) {
    throw new Error(
      `Good picture ${broken}: expected scores whose change is a share, found ${before[broken]} in float32 and ${after[broken]} in integers.`,
    );
  }
  return {
    largest: Math.max(...changes),
    mean: changes.reduce((sum, change) => sum + change, 0) / changes.length,
  };
}

function flipsOf(
  thresholdBefore: OperatingThreshold | null,
  before: readonly number[],
  threshold: OperatingThreshold | null,
  after: readonly number[],
): number | null {
  if (thresholdBefore === null || threshold === null) return null;
  const isOther = (score: number, i: number) =>
    isDefective(score, thresholdBefore.value) !== isDefective(after[i], threshold.value);
  return before.filter(isOther).length;
}

/** The model, its metadata changed in these settings. */
function withMetadata(model: ModelProto, changes: Partial<DetectorMetadata>): Uint8Array {
  return encodeModel({
    ...model,
    metadataProps: model.metadataProps.map(({ key, value }) => {
      if (key !== METADATA_KEY) return { key, value };
      const described = JSON.parse(value) as object;
      return { key, value: JSON.stringify({ ...described, ...changes }) };
    }),
  });
}
