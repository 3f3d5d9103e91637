import type { ProductResolution } from '../../lib/anomaly-map/anomaly-map';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { exportRun } from '../../lib/onnx/export-run';
import { requireDetectorRun } from '../../lib/training/read-detector';
import { requireRun } from '../find-run';
import { say } from '../say';
import { teacherFile } from '../teacher-file';

/** The options of `stfpm export`. */
export interface ExportOptions {
  out?: string;
  weights?: string;
  product: ProductResolution;
}

/** `stfpm export` */
export async function exportCommand(folder: string, options: ExportOptions): Promise<void> {
  const run = requireRun(folder);
  const teacher = teacherFile(requireDetectorRun(run), options.weights);
  const bytes = exportRun(folder, teacher, options.product);
  const file = options.out ?? run.file('model.onnx');
  writeFileAtomic(file, bytes);
  say(`Written: ${file} (${(bytes.length / 1e6).toFixed(1)} MB)`);
}
