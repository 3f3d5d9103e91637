import { UndefinedMetricError } from '../metrics/undefined-metric-error';

/**
 * A metric, or null if the test set does not define it.
 *
 * @param path the metric's place among the results, under which the reason is noted
 * @param undefinedBecause takes the reason
 */
export function definedOrNull<T>(
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
