import { readFileBytes } from './read-file-bytes';
import { parseSafetensors } from './safetensors';
import type { NamedArrays } from './tensor-file';
import { isLegacyCheckpoint, parseTorchCheckpoint } from './torch-checkpoint';
import { WeightFileError } from './weight-file-error';

/**
 * Reads a file of network weights, a safetensors file or a PyTorch checkpoint, whichever its first
 * bytes say it is; its name does not matter.
 *
 * @throws WeightFileError when it is neither, or damaged (see `readSafetensors` and
 *   `readTorchCheckpoint`)
 */
export function readWeights(file: string): NamedArrays {
  const bytes = readFileBytes(file);
  const isZip = bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04';
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
function preview(bytes: Buffer): string {
  return JSON.stringify(
    bytes
      .subarray(0, 24)
      .toString('latin1')
      .replace(/[^ -~]/g, '.'),
  );
}
