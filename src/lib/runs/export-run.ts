import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { methodOf } from '../methods/index';
import { isStudent } from '../methods/student-teacher';
import { encodeDetector, sidesOf } from '../onnx/export';
import { readRun } from './open-run';

/**
 * The detector of a run as an ONNX file that stands alone, with its settings, threshold and its teacher's hash.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @param productResolution 'level1' gives other scores than those that the run's threshold was set from: the file then
 *   has none
 * @returns the file's bytes
 * @throws Error where `readRun` throws, and for a method that has no graph, with the reason
 */
export function exportRun(
  folder: string,
  teacherFile?: string,
  productResolution: ProductResolution = 'image',
): Uint8Array {
  const { config: run, model, teacherArrays, modelEpoch, threshold } = readRun(folder, teacherFile);
  const { config, teacher } = run;
  const { graph, title } = methodOf(config);
  if (typeof graph === 'string') {
    throw new Error(`${folder}: a detector of ${title} cannot be an ONNX file: ${graph}.`);
  }
  const { kind, name, sha256 } = teacher;
  const metadata = {
    category: config.category,
    imageSize: config.imageSize,
    fit: config.fit,
    tileOverlap: config.tileOverlap,
    resizeFilter: config.resizeFilter,
    valueRange: config.valueRange,
    ...(config.roi && { roi: config.roi }),
    productResolution,
    teacher: { kind, name, ...(sha256 !== undefined && { sha256 }) },
    modelEpoch,
    threshold: productResolution === 'image' ? threshold : null,
    config,
    ...sidesOf(config.recipe === 'joint' ? config.autoEncoder : null),
  };
  const nodes = graph(model, config, teacherArrays, productResolution);
  return encodeDetector(nodes, metadata, isStudent(config) ? undefined : title);
}
