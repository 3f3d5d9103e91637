import { statSync } from 'node:fs';
import type { Evaluation } from '../../lib/evaluation/evaluate-detector';
import { learningSeconds } from '../../lib/runs/run-config';
import type { RunFolder } from '../../lib/training/run-folder';
import { Table, type TableColumn } from './table';

/** A method's run with what it says of the test images. */
export interface MeasuredMethod {
  name: string;
  evaluation: Pick<Evaluation, 'metrics' | 'secondsPerImage'>;
  run: RunFolder;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'Method' },
  { title: 'Image AUROC', best: 'highest' },
  { title: 'Image F1-max', best: 'highest' },
  { title: 'Pixel AUROC', best: 'highest' },
  { title: 'Pixel AP', best: 'highest' },
  { title: 'Instance AP', best: 'highest' },
  { title: 'AU-PRO', best: 'highest' },
  { title: 'an image, ms', digits: 0, best: 'lowest' },
  { title: 'learning, s', digits: 1, best: 'lowest' },
  { title: 'model, MB', digits: 2, best: 'lowest' },
];

/** What methods find, and what they cost: a row each, the best of each column in bold. */
export function methodsTable(
  methods: readonly MeasuredMethod[],
  options: { title?: string; notes?: readonly string[] } = {},
): Table {
  const rows = methods.map(({ name, evaluation, run }) => {
    const { image, pixel } = evaluation.metrics;
    return [
      name,
      image.auroc,
      image.f1Max,
      pixel.auroc,
      pixel.averagePrecision,
      pixel.instanceAveragePrecision,
      pixel.aupro,
      1000 * evaluation.secondsPerImage,
      learningSeconds(run),
      statSync(run.file('model.safetensors')).size / 1e6,
    ];
  });
  return new Table(COLUMNS, rows, {
    title: options.title,
    notes: [
      'n/a: the method judges whole images only. Image F1-max: at the threshold that is best on the test labels. ' +
        'Learning: without loading the images. Model: the file, without the backbone.',
      ...(options.notes ?? []),
    ],
  });
}
