import { detectorMetadataSchema, METADATA_KEY } from './detector-metadata';
import type { DetectorMetadata } from './detector-metadata';
import { decodeHeader } from './messages';
import type { ModelHeader } from './messages';
import { OnnxFileError } from './onnx-file-error';

/**
 * What an exported detector says of itself.
 *
 * @param file what errors call it
 * @throws OnnxFileError when the bytes are no ONNX file, or one that is not an exported detector
 */
export function readDetectorMetadata(bytes: Uint8Array, file: string): DetectorMetadata {
  const { metadataProps } = readHeader(bytes, file);
  const text = metadataProps.find(({ key }) => key === METADATA_KEY)?.value;
  if (text === undefined) {
    throw new OnnxFileError(
      file,
      `a detector exported by \`stfpm export\`, with "${METADATA_KEY}" in its metadata`,
      'an ONNX file without it',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OnnxFileError(file, `JSON as "${METADATA_KEY}"`, (cause as Error).message, { cause });
  }
  const result = detectorMetadataSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new OnnxFileError(file, `a detector's description as "${METADATA_KEY}"`, faults.join('; '));
}

function readHeader(bytes: Uint8Array, file: string): ModelHeader {
  const found = `${bytes.length} bytes of something else, or cut short`;
  let header: ModelHeader;
  try {
    header = decodeHeader(bytes);
  } catch (cause) {
    throw new OnnxFileError(file, 'an ONNX file', found, { cause });
  }
  // Bytes of another kind may happen to be a message without any field that is known here.
  if (header.irVersion < 1 || header.opsetImport.length === 0) {
    throw new OnnxFileError(file, 'an ONNX file', found);
  }
  return header;
}
