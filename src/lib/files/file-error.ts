import { printable, printableLines } from '../text/printable';

/** A file or folder that cannot be used: names it, what was expected of it and what was found. */
export class FileError extends Error {
  override name = 'FileError';

  constructor(
    readonly file: string,
    readonly expected: string,
    readonly found: string,
    options?: ErrorOptions,
  ) {
    super(
      `${printable(file)}: expected ${printableLines(expected)}, found ${printableLines(found)}`,
      options,
    );
  }
}

/** An image or mask that cannot be used: names the file, what was expected of it and what was found. */
export class ImageFileError extends FileError {
  override name = 'ImageFileError';
}
