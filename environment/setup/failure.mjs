/** A set-up that cannot go on for a reason the reader can act on: shown without a stack trace. */
export class SetupFailure extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SetupFailure';
  }
}
