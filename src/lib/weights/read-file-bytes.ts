import { readFileSync } from 'node:fs';
import { WeightFileError } from './weight-file-error';

/**
 * A file's content.
 *
 * @throws WeightFileError naming the file when it is missing, a folder, or not readable
 */
export function readFileBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT'
        ? 'no such file'
        : code === 'EISDIR'
          ? 'a folder'
          : message || String(error);
    throw new WeightFileError(file, 'a readable weight file', found, { cause: error });
  }
}
