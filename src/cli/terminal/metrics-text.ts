import pc from 'picocolors';
import type { EvaluationMetrics } from '../../lib/evaluation/evaluate-maps';
import { Table } from '../../viz/tables/table';

/** What stands where a metric is undefined. */
const UNDEFINED = '–';

/** A table whose columns except the first are numbers, given as text. */
export function numberTable(head: readonly string[], rows: readonly (readonly string[])[]): Table {
  return new Table(
    head.map((title, column) => ({ title, align: column === 0 ? 'left' : 'right' })),
    rows,
  );
}

/** The same for the terminal. */
export function numberText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return numberTable(head, rows).toText(pc.bold);
}

function share(value: number | null): string {
  return value === null ? UNDEFINED : value.toFixed(4);
}

function threshold(value: number | null): string {
  return value === null ? UNDEFINED : value.toPrecision(4);
}

/** All metrics as text for a terminal. */
export function metricsText(metrics: EvaluationMetrics, imagesOf: Map<string, number>): string {
  const { image, pixel, counts, defects, undefinedBecause } = metrics;
  if (counts.defectImages > 0 && counts.defectImages === counts.defectImagesWithoutMask) {
    return imageMetricsText(metrics, imagesOf);
  }
  const parts = [
    numberText(
      ['', 'image', 'pixel'],
      [
        ['AUROC', share(image.auroc), share(pixel.auroc)],
        ['average precision', share(image.averagePrecision), share(pixel.averagePrecision)],
        ['  by instance', '', share(pixel.instanceAveragePrecision)],
        ['F1-max', share(image.f1Max), share(pixel.f1Max)],
        ['  at the threshold *', threshold(image.f1MaxThreshold), threshold(pixel.f1MaxThreshold)],
        ['AU-PRO (FPR to 0.3)', '', share(pixel.aupro)],
        ['AU-PRO (FPR to 0.05)', '', share(pixel.aupro05)],
        ['AUPIMO', '', share(pixel.aupimo)],
      ],
    ),
    '* scores at or above it count as defects; it is chosen on the test labels,',
    '  so it says what was possible, not what to use',
  ];
  const types = Object.entries(defects);
  if (types.length > 0) {
    const rows = types.map(([type, { imageAuroc, pixelAuroc }]) => [
      type,
      `${imagesOf.get(type) ?? 0}`,
      share(imageAuroc),
      share(pixelAuroc),
    ]);
    parts.push('', numberText(['defect', 'images', 'image AUROC', 'pixel AUROC'], rows));
  }
  const metricsOf = new Map<string, string[]>();
  for (const [metric, reason] of Object.entries(undefinedBecause)) {
    metricsOf.set(reason, [...(metricsOf.get(reason) ?? []), metric]);
  }
  if (metricsOf.size > 0) parts.push('');
  for (const [reason, names] of metricsOf) {
    const which = names.length > 3 ? `${names.length} metrics` : names.join(', ');
    parts.push(`${which} ${names.length > 1 ? 'are' : 'is'} undefined (${UNDEFINED}): ${reason}`);
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

/** Without masks there is nothing to say of pixels, which is said once. */
function imageMetricsText(
  { image, defects }: EvaluationMetrics,
  imagesOf: ReadonlyMap<string, number>,
): string {
  const rows = Object.entries(defects).map(([type, { imageAuroc }]) => [
    type,
    `${imagesOf.get(type) ?? 0}`,
    share(imageAuroc),
  ]);
  return [
    numberText(
      ['', 'image'],
      [
        ['AUROC', share(image.auroc)],
        ['average precision', share(image.averagePrecision)],
        ['F1-max', share(image.f1Max)],
        ['  at the threshold *', threshold(image.f1MaxThreshold)],
      ],
    ),
    '* scores at or above it count as defects; it is chosen on the test labels,',
    '  so it says what was possible, not what to use',
    '',
    numberText(['defect', 'images', 'image AUROC'], rows),
    '',
    'Metrics of whole images alone: no defect image has a mask that can be used.',
  ].join('\n');
}
