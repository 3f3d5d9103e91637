/** An ONNX file that cannot be used: names the file, what was expected of it and what was found. */
export class OnnxFileError extends Error {
  constructor(
    readonly file: string,
    readonly expected: string,
    readonly found: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: expected ${expected}, found ${found}`, options);
    this.name = 'OnnxFileError';
  }
}
