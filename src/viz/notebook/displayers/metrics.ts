import { metricsTable, type RunMetrics } from '../../tables/metrics-table';
import type { Displayer } from './facts';

/** An evaluation, or its metrics, as their table. */
export const displayMetrics: Displayer = (object) => {
  const metrics = (object as { metrics?: unknown }).metrics ?? object;
  if (!isMetrics(metrics)) return null;
  const { images } = metrics.counts;
  return metricsTable([{ name: `${images} test images`, metrics }]);
};

function isMetrics(value: unknown): value is RunMetrics & { counts: { images: number } } {
  const { image, pixel, counts } = (value ?? {}) as Partial<Record<string, unknown>>;
  return has(image, 'auroc') && has(pixel, 'aupro') && has(counts, 'images');
}

function has(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value;
}
