import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { readDetector } from '../training/read-detector';
import { exportDetector } from './export-detector';

/**
 * The detector of a run as an ONNX file that stands alone, with its settings, threshold and its teacher's hash.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @returns the file's bytes
 * @throws Error where `readDetector` throws
 */
export function exportRun(
  folder: string,
  teacherFile?: string,
  productResolution: ProductResolution = 'image',
): Uint8Array {
  const { config: run, arrays, modelEpoch, threshold } = readDetector(folder, teacherFile);
  const { config, teacher } = run;
  const { kind, name, sha256 } = teacher;
  return exportDetector(arrays, {
    category: config.category,
    imageSize: config.imageSize,
    resizeFilter: config.resizeFilter,
    productResolution,
    teacher: { kind, name, ...(sha256 !== undefined && { sha256 }) },
    modelEpoch,
    threshold,
    config,
  });
}
