import { FileError } from '../files/file-error';

/** A folder that is not the data set it should be: names it, what was expected and what was found. */
export class DatasetError extends FileError {
  override name = 'DatasetError';
}
