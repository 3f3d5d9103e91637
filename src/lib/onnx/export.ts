import { poolings } from '../models/auto-encoder';
import type { AutoEncoderConfig } from '../models/auto-encoder';
import type { DetectorArrays } from '../models/detector';
import { SIZE_MULTIPLE } from '../models/resnet18';
import { detectorGraph } from './detector-graph';
import { encodeModel } from './messages';
import type { GraphProto } from './messages';
import { METADATA_KEY, metadataVersionOf } from './metadata';
import type { DetectorDescription, DetectorMetadata } from './metadata';

/** ONNX's version of its operators, of 2022: every current runtime has it. */
const OPSET = 17;
/** The file format that belongs to it. */
const IR_VERSION = 8;

/** What the caller knows of the detector; the rest of its metadata follows from the detector itself. */
export type ExportDescription = Omit<
  DetectorDescription,
  'sideMultiple' | 'margin' | 'autoEncoder'
>;

/**
 * The detector as an ONNX file that stands alone: from decoded pixels, uint8 [b, h, w, 3], to anomaly map, level maps
 * and scores, all sizes but the channels depending on the data. Batch norms are folded into the convolutions, and the
 * images' normalisation is inside.
 *
 * @returns the file's bytes
 * @throws Error when an array is missing or does not fit
 */
export function exportDetector(arrays: DetectorArrays, description: ExportDescription): Uint8Array {
  return encodeDetector(detectorGraph(arrays, description.productResolution), {
    ...description,
    ...sidesOf(arrays.autoEncoders?.config ?? null),
  });
}

/** The file of a detector's graph. @param method its name in full */
export function encodeDetector(
  graph: GraphProto,
  metadata: DetectorDescription,
  method = 'Student-teacher feature pyramid matching',
): Uint8Array {
  const described = { formatVersion: metadataVersionOf(metadata), ...metadata };
  return encodeModel({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'stfpm-lab',
    producerVersion: '1',
    docString: `${method}: anomaly maps and scores of images.`,
    metadataProps: [{ key: METADATA_KEY, value: JSON.stringify(described) }],
    graph,
  });
}

/** Which sizes of images a detector takes. @param autoEncoder null without auto-encoders */
export function sidesOf(
  autoEncoder: AutoEncoderConfig | null,
): Pick<DetectorMetadata, 'sideMultiple' | 'margin' | 'autoEncoder'> {
  return {
    sideMultiple: SIZE_MULTIPLE * (autoEncoder ? 2 ** poolings(autoEncoder) : 1),
    margin: SIZE_MULTIPLE * (autoEncoder?.crop ?? 0),
    autoEncoder,
  };
}
