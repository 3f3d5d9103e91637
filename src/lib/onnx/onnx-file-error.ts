import { FileError } from '../files/file-error';

/** An ONNX file that cannot be used: names the file, what was expected of it and what was found. */
export class OnnxFileError extends FileError {
  override name = 'OnnxFileError';
}
