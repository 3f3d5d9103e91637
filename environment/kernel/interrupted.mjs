/** What an interrupted cell ends with. */
export class Interrupted extends Error {
  constructor() {
    super('The cell was interrupted.');
    this.name = 'Interrupted';
  }
}
