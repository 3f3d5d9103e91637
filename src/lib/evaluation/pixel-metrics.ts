import { aupimo } from '../metrics/aupimo';
import { aupro } from '../metrics/aupro';
import type { ImageSize } from '../metrics/image-stack-size';
import type { Ranking } from '../metrics/ranking';
import { thresholdCounts } from '../metrics/threshold-counts';
import { definedOrNull } from './defined-or-null';
import type { PixelMetrics } from './evaluation';
import type { PixelStack } from './pixel-stack';
import { rankingMetrics } from './ranking-metrics';

/**
 * The metrics over all pixels of a stack.
 *
 * @param imageLabels 0 (good) or 1 (defect) for each image of the stack
 * @param undefinedBecause takes the reasons for those that are null
 * @returns the metrics, and AUPIMO of each image of the stack (NaN for good ones)
 */
export function pixelMetrics(
  { scores, labels }: PixelStack,
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
  return {
    pixel: {
      ...rankingMetrics('pixel', counts, undefinedBecause),
      aupro: definedOrNull('pixel.aupro', undefinedBecause, () =>
        aupro(scores, labels, { width, height }),
      ),
      aupimo: perImageOverlap?.mean ?? null,
    },
    aupimoByImage: perImageOverlap?.perImage ?? null,
  };
}
