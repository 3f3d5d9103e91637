import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { poolings } from '../models/auto-encoder';
import type { DetectorArrays } from '../models/detector';
import { SIZE_MULTIPLE } from '../models/resnet18';
import { readDetector } from '../training/load-detector';
import { detectorGraph } from './detector-graph';
import { encodeModel } from './messages';
import { METADATA_KEY } from './metadata';
import type { DetectorMetadata } from './metadata';

/** ONNX's version of its operators, of 2022: every current runtime has it. */
const OPSET = 17;
/** The file format that belongs to it. */
const IR_VERSION = 8;

/** What the caller knows of the detector; the rest of its metadata follows from the detector itself. */
export type ExportDescription = Omit<DetectorMetadata, 'sideMultiple' | 'margin' | 'autoEncoder'>;

/**
 * The detector as an ONNX file that stands alone: from decoded pixels, uint8 [b, h, w, 3], to anomaly map, level maps
 * and scores, all sizes but the channels depending on the data. Batch norms are folded into the convolutions, and the
 * images' normalisation is inside.
 *
 * @returns the file's bytes
 * @throws Error when an array is missing or does not fit
 */
export function exportDetector(arrays: DetectorArrays, description: ExportDescription): Uint8Array {
  const autoEncoder = arrays.autoEncoders?.config ?? null;
  const metadata: DetectorMetadata = {
    ...description,
    sideMultiple: SIZE_MULTIPLE * (autoEncoder ? 2 ** poolings(autoEncoder) : 1),
    margin: SIZE_MULTIPLE * (autoEncoder?.crop ?? 0),
    autoEncoder,
  };
  return encodeModel({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'stfpm-lab',
    producerVersion: '1',
    docString: 'Student-teacher feature pyramid matching: anomaly maps and scores of images.',
    metadataProps: [{ key: METADATA_KEY, value: JSON.stringify(metadata) }],
    graph: detectorGraph(arrays, metadata.productResolution),
  });
}

/**
 * The detector of a run as an ONNX file that stands alone, with its settings, threshold and its teacher's hash.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @param productResolution 'level1' gives other scores than those that the run's threshold was set from: the file then
 *   has none
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
    threshold: productResolution === 'image' ? threshold : null,
    config,
  });
}
