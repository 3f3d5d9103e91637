/** A folder that is not the data set it should be: names it, what was expected and what was found. */
export class DatasetError extends Error {
  constructor(
    readonly folder: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${folder}: expected ${expected}, found ${found}`);
    this.name = 'DatasetError';
  }
}
