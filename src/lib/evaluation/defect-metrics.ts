import { auroc, aurocOfCounts } from '../metrics/auroc';
import type { Ranking } from '../metrics/ranking';
import { selectRanking } from '../metrics/select-ranking';
import { thresholdCounts } from '../metrics/threshold-counts';
import { definedOrNull } from './defined-or-null';
import type { DefectMetrics } from './evaluation';
import type { PixelStack } from './pixel-stack';

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
export function defectMetrics(
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
