import { imageScore, nanInMap } from '../anomaly-map/map-values';
import type { Mask } from '../data/mask';
import { aupimo } from '../metrics/aupimo';
import { auproAtLimits } from '../metrics/aupro';
import { auroc, aurocOfCounts } from '../metrics/auroc';
import { averagePrecisionOfCounts } from '../metrics/average-precision';
import { f1MaxOfCounts } from '../metrics/f1-max';
import { instanceAveragePrecision } from '../metrics/instance-average-precision';
import { rankDescending, selectRanking } from '../metrics/ranking';
import type { Ranking } from '../metrics/ranking';
import { requireBothClasses, UndefinedMetricError } from '../metrics/scores';
import type { ImageSize } from '../metrics/scores';
import { thresholdCounts } from '../metrics/threshold-counts';
import type { ThresholdCounts } from '../metrics/threshold-counts';

/** What a detector said of one test image. */
export interface ImageResult {
  file: string;
  /** 'good' or the defect's type. */
  defect: string;
  label: 0 | 1;
  /** The image's anomaly score: the largest value of its map. */
  score: number;
}

/** Metrics of a ranking of normal and anomalous items; null where undefined. */
export interface RankingMetrics {
  /** Area under the ROC curve, from 0 to 1. */
  auroc: number | null;
  /** Average precision, from 0 to 1. */
  averagePrecision: number | null;
  /** The best F1 score over all thresholds, from 0 to 1. */
  f1Max: number | null;
  /**
   * Where it is reached, one of the scores: items that score at least this count as anomalous. Chosen on the test labels,
   * it is not an operating threshold (where a score that equals the threshold counts as good, see `isDefective`).
   */
  f1MaxThreshold: number | null;
}

export interface PixelMetrics extends RankingMetrics {
  /** Area under the PRO curve up to a false-positive rate of 0.3, divided by 0.3. */
  aupro: number | null;
  /** The same up to 0.05, divided by 0.05. */
  aupro05: number | null;
  /** Precision in pixels averaged over the defects, from 0 to 1: a small one weighs as much as a large one. */
  instanceAveragePrecision: number | null;
  /** Mean over the anomalous images of the area under the per-image overlap curve, rates 1e-5 to 1e-4. */
  aupimo: number | null;
}

/** One type of defect against all good images. */
export interface DefectMetrics {
  imageAuroc: number | null;
  pixelAuroc: number | null;
}

/** Numbers, or null where a metric is undefined on the test set; then `undefinedBecause` says why. */
export interface EvaluationMetrics {
  image: RankingMetrics;
  pixel: PixelMetrics;
  /** By type of defect, in alphabetical order. */
  defects: Record<string, DefectMetrics>;
  /** AUPIMO of each image, in the order of the images; null for good ones and those without a mask. */
  aupimoByImage: (number | null)[];
  counts: EvaluationCounts;
  /** For each metric that is null, by its path, e.g. 'pixel.aupro', the reason. */
  undefinedBecause: Record<string, string>;
}

/** What the metrics were computed on. */
export interface EvaluationCounts {
  images: number;
  defectImages: number;
  /** Defect images that the pixel metrics leave out because they have no mask. */
  defectImagesWithoutMask: number;
  /** Pixels that the pixel metrics are computed on. */
  pixels: number;
  defectPixels: number;
}

export interface EvaluationInput {
  /** Anomaly maps of all test images, row-major, height * width each; null from a method without maps. */
  maps: readonly Float32Array[] | null;
  width: number;
  height: number;
  /** 1 where a pixel of an image counts, [images, height, width]; elsewhere maps may be NaN. Default: all count. */
  region?: Uint8Array;
  /** Of each image; null for good images and for defect images whose mask is missing. */
  masks: readonly (Mask | null)[];
  /** Of each image: 0 (good) or 1 (defect). */
  labels: ArrayLike<number>;
  /** Of each image: 'good' or the type of its defect, for metrics by type. Default: no such metrics. */
  defects?: readonly string[];
  /** The name of each image, for error messages. */
  files?: readonly string[];
  /** Of each image; needed where there are no maps. Default: the largest value of its map. */
  imageScores?: ArrayLike<number>;
}

/**
 * All metrics of a detector on a test set, exactly: scores are ranked as they are, and every
 * distinct one is a threshold. Pixel metrics are taken over all pixels of all images together,
 * good ones included, without the defect images that have no mask. A metric that the test set does
 * not define is null, with the reason beside it.
 *
 * @throws RangeError if the lists differ in length or are empty; if a map or mask differs in size
 *   from what is given, a map contains NaN, a mask anything but 0 and 1, or a good image defect pixels
 */
export function evaluateMaps(input: EvaluationInput): EvaluationMetrics {
  const { maps } = input;
  if (maps === null) return evaluateScores(input);
  checkEvaluationInput({ ...input, maps });
  const { masks, width, height, defects } = input;
  const imageLabels = Uint8Array.from(input.labels);
  const imageScores = Float64Array.from(input.imageScores ?? maps.map(imageScore));
  const undefinedBecause: Record<string, string> = {};

  const imageCounts = thresholdCounts(imageScores, imageLabels);
  const image = rankingMetrics('image', imageCounts, undefinedBecause);

  const stack = stackPixels(maps, masks, imageLabels, width * height, input.region);
  const stackedImageLabels = Uint8Array.from(stack.images, (i) => imageLabels[i]);
  const ranking = rankPixels(stack);
  const { pixel, aupimoByImage } = pixelMetrics(
    stack,
    ranking,
    stackedImageLabels,
    { width, height },
    undefinedBecause,
  );

  const byDefect: Record<string, DefectMetrics> = {};
  if (defects) {
    const testSet = { imageScores, imageLabels, defects, stack, pixelRanking: ranking };
    const types = new Set(defects.filter((_, i) => imageLabels[i] === 1));
    for (const defect of [...types].sort()) {
      byDefect[defect] = defectMetrics(defect, testSet, undefinedBecause);
    }
  }

  const byImage = maps.map((): number | null => null);
  stack.images.forEach((i, place) => {
    if (aupimoByImage && !Number.isNaN(aupimoByImage[place])) byImage[i] = aupimoByImage[place];
  });
  return {
    image,
    pixel,
    defects: byDefect,
    aupimoByImage: byImage,
    counts: {
      images: maps.length,
      defectImages: imageCounts.positives,
      defectImagesWithoutMask: maps.length - stack.images.length,
      pixels: ranking.order.length,
      defectPixels: stack.labels.reduce((sum, label) => sum + label, 0),
    },
    undefinedBecause,
  };
}

/** The metrics of a method that judges whole images: those of pixels are null. */
function evaluateScores({
  imageScores,
  labels,
  defects,
  files,
}: EvaluationInput): EvaluationMetrics {
  const images = labels.length;
  if (!imageScores) throw new RangeError('Expected image scores where there are no maps.');
  for (const [name, list] of Object.entries({ imageScores, defects, files })) {
    if (list !== undefined && list.length !== images) {
      throw new RangeError(`Expected ${images} ${name}, one for each label, found ${list.length}.`);
    }
  }
  if (images === 0) throw new RangeError('Expected at least one image, found none.');
  const scores = Float64Array.from(imageScores);
  const nan = scores.findIndex(Number.isNaN);
  if (nan >= 0) {
    const image = files ? `${files[nan]} (image ${nan})` : `image ${nan}`;
    throw new RangeError(`${image}: expected a number as the image score, found NaN.`);
  }
  const undefinedBecause: Record<string, string> = {};
  const imageLabels = Uint8Array.from(labels);
  const counts = thresholdCounts(scores, imageLabels);
  const byDefect: Record<string, DefectMetrics> = {};
  const types = new Set(defects?.filter((_, i) => imageLabels[i] === 1));
  for (const defect of [...types].sort()) {
    const isIncluded = (image: number) => imageLabels[image] === 0 || defects![image] === defect;
    byDefect[defect] = {
      imageAuroc: definedOrNull(`defects.${defect}.imageAuroc`, undefinedBecause, () =>
        auroc(
          scores.filter((_, image) => isIncluded(image)),
          imageLabels.filter((_, image) => isIncluded(image)),
        ),
      ),
      pixelAuroc: null,
    };
    undefinedBecause[`defects.${defect}.pixelAuroc`] = WITHOUT_MAPS;
  }
  const pixel = { ...NO_PIXEL_METRICS };
  for (const name of Object.keys(pixel)) undefinedBecause[`pixel.${name}`] = WITHOUT_MAPS;
  return {
    image: rankingMetrics('image', counts, undefinedBecause),
    pixel,
    defects: byDefect,
    aupimoByImage: Array.from(imageLabels, () => null),
    counts: {
      images,
      defectImages: counts.positives,
      defectImagesWithoutMask: 0,
      pixels: 0,
      defectPixels: 0,
    },
    undefinedBecause,
  };
}

const WITHOUT_MAPS = 'The method judges whole images and gives no anomaly maps.';

const NO_PIXEL_METRICS: Readonly<PixelMetrics> = {
  auroc: null,
  averagePrecision: null,
  f1Max: null,
  f1MaxThreshold: null,
  aupro: null,
  aupro05: null,
  instanceAveragePrecision: null,
  aupimo: null,
};

/**
 * Checks what `evaluateMaps` is given, image by image, so that an error can name the image.
 *
 * @throws RangeError naming the first image that is not as expected
 */
function checkEvaluationInput(input: EvaluationInput & { maps: readonly Float32Array[] }): void {
  const { maps, masks, labels, defects, files, imageScores } = input;
  const { width, height } = input;
  const perImage = { masks, labels, defects, files, imageScores };
  for (const [name, list] of Object.entries(perImage)) {
    if (list !== undefined && list.length !== maps.length) {
      throw new RangeError(
        `Expected ${maps.length} ${name}, one for each map, found ${list.length}.`,
      );
    }
  }
  if (maps.length === 0) throw new RangeError('Expected at least one anomaly map, found none.');
  maps.forEach((map, i) => {
    const fail = (expected: string, found: string) => {
      const image = files ? `${files[i]} (image ${i})` : `image ${i}`;
      throw new RangeError(`${image}: expected ${expected}, found ${found}.`);
    };
    if (labels[i] !== 0 && labels[i] !== 1) fail('a label 0 or 1', `${labels[i]}`);
    if (map.length !== width * height) {
      fail(`an anomaly map of ${width} x ${height} = ${width * height} pixels`, `${map.length}`);
    }
    const nan = nanInMap(map, width, input.region?.subarray(i * map.length, (i + 1) * map.length));
    if (nan) fail('an anomaly map of numbers', nan);
    if (imageScores && Number.isNaN(imageScores[i])) fail('a number as the image score', 'NaN');
    const mask = masks[i];
    if (mask === null) return;
    if (mask.width !== width || mask.height !== height || mask.data.length !== map.length) {
      fail(
        `a mask of ${width} x ${height} pixels like the map`,
        `${mask.width} x ${mask.height} with ${mask.data.length} values`,
      );
    }
    const wrong = mask.data.findIndex((value) => value > 1);
    if (wrong >= 0) fail('a mask of zeros and ones', `${mask.data[wrong]}`);
    if (labels[i] === 0 && mask.data.includes(1)) fail('no defect pixels in a good image', 'some');
  });
}

/**
 * A metric, or null if the test set does not define it.
 *
 * @param path the metric's place among the results, under which the reason is noted
 * @param undefinedBecause takes the reason
 */
function definedOrNull<T>(
  path: string,
  undefinedBecause: Record<string, string>,
  metric: () => T,
): T | null {
  try {
    return metric();
  } catch (error) {
    if (!(error instanceof UndefinedMetricError)) throw error;
    undefinedBecause[path] = error.message;
    return null;
  }
}

/**
 * The metrics of one level. Without normal items average precision and F1 would be 1 for any
 * scores, so they are null too.
 *
 * @param undefinedBecause takes the reasons for those that are null
 */
function rankingMetrics(
  level: 'image' | 'pixel',
  counts: ThresholdCounts,
  undefinedBecause: Record<string, string>,
): RankingMetrics {
  const metric = (path: string, name: string, compute: () => number) =>
    definedOrNull(`${level}.${path}`, undefinedBecause, () => {
      requireBothClasses(name, counts);
      return compute();
    });
  return {
    auroc: metric('auroc', 'AUROC', () => aurocOfCounts(counts)),
    averagePrecision: metric('averagePrecision', 'Average precision', () =>
      averagePrecisionOfCounts(counts),
    ),
    f1Max: metric('f1Max', 'F1', () => f1MaxOfCounts(counts).f1),
    f1MaxThreshold: metric('f1MaxThreshold', 'F1', () => f1MaxOfCounts(counts).threshold),
  };
}

/** The pixels of the images that pixel metrics are computed on, one image after the other. */
export interface PixelStack {
  /** [images, height, width] */
  scores: Float32Array;
  /** 0 (normal) or 1 (defect) for each pixel. */
  labels: Uint8Array;
  /** 0 for each pixel that does not count, whose score and label are 0. Left out: all count. */
  counted?: Uint8Array;
  /** Which of the given images these are. */
  images: number[];
}

/**
 * Joins anomaly maps and masks, leaving out defect images without a mask. A good image needs no
 * mask.
 *
 * @param maps each of height * width pixels
 * @param labels 0 (good) or 1 (defect) for each image
 * @param region 1 where a pixel counts, of all images. Default: all count
 */
export function stackPixels(
  maps: readonly Float32Array[],
  masks: readonly (Mask | null)[],
  labels: ArrayLike<number>,
  pixels: number,
  region?: Uint8Array,
): PixelStack {
  const images = maps.map((_, i) => i).filter((i) => labels[i] === 0 || masks[i] !== null);
  const scores = new Float32Array(images.length * pixels);
  const stackedLabels = new Uint8Array(images.length * pixels);
  images.forEach((image, place) => {
    scores.set(maps[image], place * pixels);
    const mask = masks[image];
    if (mask !== null) stackedLabels.set(mask.data, place * pixels);
  });
  if (!region) return { scores, labels: stackedLabels, images };
  const counted = new Uint8Array(scores.length);
  images.forEach((image, place) => {
    counted.set(region.subarray(image * pixels, (image + 1) * pixels), place * pixels);
  });
  counted.forEach((counts, i) => {
    if (!counts) scores[i] = stackedLabels[i] = 0;
  });
  return { scores, labels: stackedLabels, images, counted };
}

/** The pixels of a stack that count, ranked. */
export function rankPixels({ scores, counted }: Pick<PixelStack, 'scores' | 'counted'>): Ranking {
  const ranking = rankDescending(scores);
  return counted ? selectRanking(ranking, counted) : ranking;
}

/**
 * The metrics over all pixels of a stack.
 *
 * @param imageLabels 0 (good) or 1 (defect) for each image of the stack
 * @param undefinedBecause takes the reasons for those that are null
 * @returns the metrics, and AUPIMO of each image of the stack (NaN for good ones)
 */
function pixelMetrics(
  { scores, labels, counted }: PixelStack,
  ranking: Ranking,
  imageLabels: Uint8Array,
  size: ImageSize,
  undefinedBecause: Record<string, string>,
): { pixel: PixelMetrics; aupimoByImage: Float64Array | null } {
  const counts = thresholdCounts(scores, labels, ranking);
  const { width, height } = size;
  const perImageOverlap = definedOrNull('pixel.aupimo', undefinedBecause, () =>
    aupimo(scores, labels, { width, height, ranking, imageLabels }),
  );
  const perRegionOverlap = definedOrNull('pixel.aupro', undefinedBecause, () =>
    auproAtLimits(scores, labels, { ...size, counted }, [0.3, 0.05]),
  );
  if (!perRegionOverlap) undefinedBecause['pixel.aupro05'] = undefinedBecause['pixel.aupro'];
  return {
    pixel: {
      ...rankingMetrics('pixel', counts, undefinedBecause),
      aupro: perRegionOverlap?.[0] ?? null,
      aupro05: perRegionOverlap?.[1] ?? null,
      instanceAveragePrecision: definedOrNull(
        'pixel.instanceAveragePrecision',
        undefinedBecause,
        () => {
          requireBothClasses('Instance average precision', counts);
          return instanceAveragePrecision(scores, labels, { width, height, counts });
        },
      ),
      aupimo: perImageOverlap?.mean ?? null,
    },
    aupimoByImage: perImageOverlap?.perImage ?? null,
  };
}

/** Image scores and pixels of a test set, as the metrics by defect take them. */
export interface RankedTestSet {
  /** Of each image. */
  imageScores: Float64Array;
  imageLabels: Uint8Array;
  defects: readonly string[];
  stack: PixelStack;
  pixelRanking: Ranking;
}

/**
 * The metrics of one type of defect: its images, and all good ones.
 *
 * @param undefinedBecause takes the reasons for those that are null
 */
function defectMetrics(
  defect: string,
  { imageScores, imageLabels, defects, stack, pixelRanking }: RankedTestSet,
  undefinedBecause: Record<string, string>,
): DefectMetrics {
  const isIncluded = (image: number) => imageLabels[image] === 0 || defects[image] === defect;
  const metric = (name: string, compute: () => number) =>
    definedOrNull(`defects.${defect}.${name}`, undefinedBecause, compute);
  return {
    imageAuroc: metric('imageAuroc', () =>
      auroc(
        imageScores.filter((_, image) => isIncluded(image)),
        imageLabels.filter((_, image) => isIncluded(image)),
      ),
    ),
    pixelAuroc: metric('pixelAuroc', () => {
      const pixels = stack.labels.length / stack.images.length;
      const keep = new Uint8Array(stack.labels.length);
      stack.images.forEach((image, place) => {
        if (isIncluded(image)) keep.fill(1, place * pixels, (place + 1) * pixels);
      });
      const ranking = selectRanking(pixelRanking, keep);
      return aurocOfCounts(thresholdCounts(stack.scores, stack.labels, ranking));
    }),
  };
}
