/**
 * @typedef {object} CompileError
 * @property {string} file of an imported module; empty for the cell itself
 * @property {number} line from 1
 * @property {number} column from 1
 * @property {string} message
 */

/** The compiler refused a cell. */
export class TypeScriptError extends Error {
  /**
   * @param {CompileError[]} errors at least one
   * @param {string} code the cell's
   */
  constructor(errors, code) {
    super(errors[0].message.split('\n')[0]);
    this.name = 'TypeScriptError';
    const lines = code.split('\n');
    this.traceback = errors.map(({ file, line, column, message }) => {
      const where = `${file || 'cell'}:${line}:${column} - ${message}`;
      const source = file ? undefined : lines[line - 1];
      return source === undefined
        ? where
        : `${where}\n    ${source}\n    ${' '.repeat(column - 1)}^`;
    });
  }
}
