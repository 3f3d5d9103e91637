import { aurocOfCounts } from '../metrics/auroc';
import { averagePrecisionOfCounts } from '../metrics/average-precision';
import { f1MaxOfCounts } from '../metrics/f1-max';
import { requireBothClasses } from '../metrics/require-classes';
import type { ThresholdCounts } from '../metrics/threshold-counts';
import { definedOrNull } from './defined-or-null';
import type { RankingMetrics } from './evaluation';

/**
 * The metrics of one level. Without normal items average precision and F1 would be 1 whatever the
 * scores, so they too are null then.
 *
 * @param undefinedBecause takes the reasons for those that are null
 */
export function rankingMetrics(
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
