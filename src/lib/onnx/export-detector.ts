import type { DetectorArrays } from '../models/detector-arrays';
import { poolings } from '../models/auto-encoder-config';
import { SIZE_MULTIPLE } from '../models/size-multiple';
import { detectorGraph } from './detector-graph';
import { METADATA_KEY } from './detector-metadata';
import type { DetectorMetadata } from './detector-metadata';
import { encodeModel } from './messages';

/** ONNX's version of its operators, of 2022: every current runtime has it. */
const OPSET = 17;
/** The file format that belongs to it. */
const IR_VERSION = 8;

/** What the caller knows of the detector; the rest of its metadata follows from the detector itself. */
export type ExportDescription = Omit<DetectorMetadata, 'sideMultiple' | 'margin' | 'autoEncoder'>;

/**
 * The detector as an ONNX file that stands alone: from decoded pixels, uint8 [b, h, w, 3], to anomaly map, level maps
 * and scores, all sizes but the channels told by the data. Batch norms are folded into the convolutions, and the
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
