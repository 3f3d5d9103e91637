import { FileError } from '../files/file-error';

/** An image or mask that cannot be used: names the file, what was expected of it and what was found. */
export class ImageFileError extends FileError {
  override name = 'ImageFileError';
}
