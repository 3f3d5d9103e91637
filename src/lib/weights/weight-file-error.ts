import { FileError } from '../files/file-error';

/** A weight file that cannot be used: names the file, what was expected of it and what was found. */
export class WeightFileError extends FileError {
  override name = 'WeightFileError';
}
