import { UndefinedMetricError } from './undefined-metric-error';

interface ClassCounts {
  positives: number;
  negatives: number;
}

/** @throws UndefinedMetricError unless there are both normal and anomalous items */
export function requireBothClasses(metric: string, { positives, negatives }: ClassCounts): void {
  if (positives > 0 && negatives > 0) return;
  throw new UndefinedMetricError(
    `${metric} needs normal and anomalous items, found ${negatives} normal and ` +
      `${positives} anomalous.`,
  );
}

/** @throws UndefinedMetricError if there are no anomalous items */
export function requirePositives(metric: string, { positives, negatives }: ClassCounts): void {
  if (positives > 0) return;
  throw new UndefinedMetricError(
    `${metric} needs anomalous items, found ${negatives} normal and 0 anomalous.`,
  );
}
