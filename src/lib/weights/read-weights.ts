import { readFileBytes, WeightFileError } from './named-arrays';
import type { NamedArrays } from './named-arrays';
import { parseSafetensors } from './safetensors';
import { isLegacyCheckpoint, parseTorchCheckpoint } from './torch/checkpoint';

/** "PK\3\4", the first entry of a ZIP archive. */
const zipMagic = [0x50, 0x4b, 0x03, 0x04];

/**
 * Reads a file of network weights, a safetensors file or a PyTorch checkpoint, whichever its first
 * bytes say it is; its name does not matter.
 *
 * @throws WeightFileError when it is neither, or damaged (see `readSafetensors` and
 *   `readTorchCheckpoint`)
 */
export function readWeights(file: string): NamedArrays {
  return parseWeights(readFileBytes(file), file);
}

/** As `readWeights`, from the file's content; `file` is what errors call it. */
export function parseWeights(bytes: Uint8Array, file: string): NamedArrays {
  const isZip = zipMagic.every((byte, i) => byte === bytes[i]);
  if (isZip || isLegacyCheckpoint(bytes)) return parseTorchCheckpoint(bytes, file);
  // A safetensors header is JSON, after 8 bytes with its length.
  if (bytes[8] === '{'.charCodeAt(0)) return parseSafetensors(bytes, file).arrays;
  throw new WeightFileError(
    file,
    'network weights: a safetensors file or a PyTorch checkpoint (.pth)',
    bytes.length === 0
      ? 'an empty file'
      : `a file of ${bytes.length} bytes that begins with ${preview(bytes)}`,
  );
}

/** The first bytes for people: what was downloaded may be a web page or a pointer to the file. */
function preview(bytes: Uint8Array): string {
  return JSON.stringify(
    Buffer.from(bytes.subarray(0, 24))
      .toString('latin1')
      .replace(/[^ -~]/g, '.'),
  );
}
