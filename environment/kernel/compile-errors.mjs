import { paint } from './paint.mjs';

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
   * @param {number} count the cell's
   */
  constructor(errors, code, count) {
    super(errors[0].message.split('\n')[0]);
    this.name = 'TypeScriptError';
    const lines = code.split('\n');
    this.traceback = errors.map(({ file, line, column, message }) => {
      const place = file ? `${file}:${line}:${column}` : `cell ${count}, line ${line}`;
      const where = `${paint.place(place)} - ${paint.name('error')}: ${message}`;
      const source = file ? undefined : lines[line - 1];
      return source === undefined ? where : `${where}\n${sourceLine(source, column)}`;
    });
  }
}

/**
 * @param {string} source
 * @param {number} column from 1
 * @returns {string} the line, and below it a mark under the column
 */
export function sourceLine(source, column) {
  // What is before the mark is as wide as the text above it, whatever the width of a tab.
  const before = source
    .slice(0, column - 1)
    .replace(/[^\t]/gu, (letter) => ' '.repeat(width(letter)));
  return `    ${source}\n    ${before}${paint.mark('^')}`;
}

/** @param {string} letter one code point: those of East Asia and emoji take two columns */
function width(letter) {
  return /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]/u.test(
    letter,
  )
    ? 2
    : 1;
}
