import { readFile } from 'node:fs/promises';
import { ImageFileError } from './image-file-error';
import { IMAGE_FORMATS } from './image-formats';

/**
 * An image file's content. Read here rather than by the decoder, so that a missing file, a folder
 * and an empty file are told apart, and a file rewritten under the same name is read afresh.
 *
 * @throws ImageFileError naming the file
 */
export async function readImageBytes(file: string): Promise<Buffer> {
  const expected = `a ${IMAGE_FORMATS} image`;
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'no such file'
        : code === 'EISDIR'
          ? 'a folder'
          : code === 'EACCES'
            ? 'a file without permission to read it'
            : message;
    throw new ImageFileError(file, expected, found, { cause: error });
  }
  if (bytes.length === 0) throw new ImageFileError(file, expected, 'an empty file (0 bytes)');
  return bytes;
}
