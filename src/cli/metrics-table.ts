import Table from 'cli-table3';
import pc from 'picocolors';
import type { EvaluationMetrics } from '../lib/evaluation/evaluation';

/** What stands where a metric is undefined. */
const UNDEFINED = '–';

/** Lines above and below the head and at the end, none between cells: for reading, not for boxes. */
const CHARS: Record<string, string> = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
  mid: '',
  'mid-mid': '',
  middle: '',
};

/** A table whose columns but the first are numbers. */
export function numberTable(head: string[], rows: string[][]): string {
  const table = new Table({
    head: head.map((title) => pc.bold(title)),
    chars: CHARS,
    style: { head: [], 'padding-left': 0, 'padding-right': 3 },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function share(value: number | null): string {
  return value === null ? UNDEFINED : value.toFixed(4);
}

function threshold(value: number | null): string {
  return value === null ? UNDEFINED : value.toPrecision(4);
}

/** All metrics as text for a terminal. */
export function metricsTable(metrics: EvaluationMetrics, imagesOf: Map<string, number>): string {
  const { image, pixel, counts, defects, undefinedBecause } = metrics;
  const parts = [
    numberTable(
      ['', 'image', 'pixel'],
      [
        ['AUROC', share(image.auroc), share(pixel.auroc)],
        ['average precision', share(image.averagePrecision), share(pixel.averagePrecision)],
        ['F1-max', share(image.f1Max), share(pixel.f1Max)],
        ['  at the threshold *', threshold(image.f1MaxThreshold), threshold(pixel.f1MaxThreshold)],
        ['AU-PRO (FPR to 0.3)', '', share(pixel.aupro)],
        ['AUPIMO', '', share(pixel.aupimo)],
      ],
    ),
    '* scores at or above it count as defects; it is chosen on the test labels,',
    '  so that it says what was possible, not what to use',
  ];
  const types = Object.entries(defects);
  if (types.length > 0) {
    const rows = types.map(([type, { imageAuroc, pixelAuroc }]) => [
      type,
      `${imagesOf.get(type) ?? 0}`,
      share(imageAuroc),
      share(pixelAuroc),
    ]);
    parts.push('', numberTable(['defect', 'images', 'image AUROC', 'pixel AUROC'], rows));
  }
  const reasons = Object.entries(undefinedBecause);
  if (reasons.length > 0) {
    parts.push('', ...reasons.map(([metric, reason]) => `${metric} is undefined: ${reason}`));
  }
  if (counts.defectImagesWithoutMask > 0) {
    parts.push(
      '',
      `${counts.defectImagesWithoutMask} of ${counts.defectImages} defect images have no mask and ` +
        'count at image level only.',
    );
  }
  return parts.join('\n');
}
