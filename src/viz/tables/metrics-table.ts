import { Table, type TableColumn } from './table';

/** The metrics of one level; null or absent where they are not defined or not measured. */
export interface LevelMetrics {
  auroc?: number | null;
  averagePrecision?: number | null;
  f1Max?: number | null;
}

/** The metrics of a finished run. */
export interface RunMetrics {
  image: LevelMetrics;
  pixel: LevelMetrics & {
    instanceAveragePrecision?: number | null;
    aupro?: number | null;
    aupro05?: number | null;
    aupimo?: number | null;
  };
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'Model' },
  { title: 'Image AUROC', best: 'highest' },
  { title: 'Image AP', best: 'highest' },
  { title: 'Image F1-max', best: 'highest' },
  { title: 'Pixel AUROC', best: 'highest' },
  { title: 'Pixel AP', best: 'highest' },
  { title: 'Instance AP', best: 'highest' },
  { title: 'Pixel F1-max', best: 'highest' },
  { title: 'AU-PRO', best: 'highest' },
  { title: 'AU-PRO 0.05', best: 'highest' },
  { title: 'AUPIMO', best: 'highest' },
];

/** The results of one run or several, one row each, the best of each column in bold. */
export function metricsTable(
  runs: readonly { name: string; metrics: RunMetrics }[],
  options: { title?: string } = {},
): Table {
  return new Table(
    COLUMNS,
    runs.map(({ name, metrics: { image, pixel } }) => [
      name,
      image.auroc,
      image.averagePrecision,
      image.f1Max,
      pixel.auroc,
      pixel.averagePrecision,
      pixel.instanceAveragePrecision,
      pixel.f1Max,
      pixel.aupro,
      pixel.aupro05,
      pixel.aupimo,
    ]),
    { ...options, notes: ['F1-max: at the threshold that is best on the test labels.'] },
  );
}
