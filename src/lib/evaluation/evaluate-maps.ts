import { imageScore } from '../anomaly-map/image-score';
import type { Mask } from '../data/mask';
import { rankDescending } from '../metrics/ranking';
import { thresholdCounts } from '../metrics/threshold-counts';
import { checkEvaluationInput } from './check-evaluation-input';
import { defectMetrics } from './defect-metrics';
import type { DefectMetrics, EvaluationMetrics } from './evaluation';
import { pixelMetrics } from './pixel-metrics';
import { stackPixels } from './pixel-stack';
import { rankingMetrics } from './ranking-metrics';

export interface EvaluationInput {
  /** Anomaly maps of all test images, row-major, height * width each. */
  maps: readonly Float32Array[];
  width: number;
  height: number;
  /** Of each image; null for good images and for defect images whose mask is missing. */
  masks: readonly (Mask | null)[];
  /** Of each image: 0 (good) or 1 (defect). */
  labels: ArrayLike<number>;
  /** Of each image: 'good' or the type of its defect, for metrics by type. Default: no such metrics. */
  defects?: readonly string[];
  /** Of each image its name, for error messages. */
  files?: readonly string[];
  /** Of each image. Default: the largest value of its map. */
  imageScores?: ArrayLike<number>;
}

/**
 * All metrics of a detector on a test set, exactly: scores are ranked as they are, and every
 * distinct one is a threshold. Pixel metrics are taken over all pixels of all images together,
 * good ones included, without the defect images that have no mask. A metric that the test set does
 * not define is null, with the reason beside it.
 *
 * @throws RangeError if the lists differ in length or are empty; if a map or mask has another size
 *   than said, a map contains NaN, a mask anything but 0 and 1, or a good image defect pixels
 */
export function evaluateMaps(input: EvaluationInput): EvaluationMetrics {
  checkEvaluationInput(input);
  const { maps, masks, width, height, defects } = input;
  const imageLabels = Uint8Array.from(input.labels);
  const imageScores = Float64Array.from(input.imageScores ?? maps.map(imageScore));
  const undefinedBecause: Record<string, string> = {};

  const imageCounts = thresholdCounts(imageScores, imageLabels);
  const image = rankingMetrics('image', imageCounts, undefinedBecause);

  const stack = stackPixels(maps, masks, imageLabels, width * height);
  const stackedImageLabels = Uint8Array.from(stack.images, (i) => imageLabels[i]);
  const ranking = rankDescending(stack.scores);
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
      pixels: stack.labels.length,
      defectPixels: stack.labels.reduce((sum, label) => sum + label, 0),
    },
    undefinedBecause,
  };
}
