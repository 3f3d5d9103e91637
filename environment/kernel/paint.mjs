/** @param {number} code of ANSI, which Jupyter's clients turn into colours */
const ansi = (code) => (/** @type {string} */ text) => `\x1b[${code}m${text}\x1b[0m`;

/** The colours of errors, the same as Python's notebooks have. */
export const paint = {
  /** An error's kind. */
  name: ansi(31),
  /** A file or a cell, and a line in it. */
  place: ansi(32),
  /** What is under the place in a line. */
  mark: ansi(31),
};
