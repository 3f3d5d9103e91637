// What a cell asks its reader, through Jupyter's stdin channel.
import { Readable } from 'node:stream';
import { Interrupted } from './interrupted.mjs';

/**
 * Asks the front end.
 * @typedef {object} CellInput
 * @property {(prompt: string) => string | null} now waits with the whole thread; null when the cell is interrupted
 * @property {(prompt: string) => Promise<string | null>} later
 */

/** How long a reader of standard input may take to say that it wants no more: `close` comes after the answer. */
const pauseMilliseconds = 30;

/** @typedef {import('./cell.mjs').Cell} Cell */

/**
 * Gives cells `prompt`, `confirm` and a standard input that `readline` can read.
 * @param {() => Cell | null} currentCell
 */
export function installInput(currentCell) {
  /**
   * @param {string} [message]
   * @param {string} [preset]
   */
  const prompt = (message = '', preset) => {
    const answer = ask(currentCell(), preset === undefined ? message : `${message} [${preset}]`);
    return answer === '' ? (preset ?? '') : answer;
  };
  /** @param {string} [message] */
  const confirm = (message = '') =>
    /^\s*y(?:es)?\s*$/i.test(ask(currentCell(), `${message} [y/n]`));
  for (const [name, value] of Object.entries({ prompt, confirm })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  /** @type {WeakMap<Cell, Readable>} */
  const streams = new WeakMap();
  const own = Object.getOwnPropertyDescriptor(process, 'stdin');
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    enumerable: true,
    get: () => {
      const cell = currentCell();
      if (cell === null) return own?.get?.call(process);
      const stream = streams.get(cell) ?? standardInput(cell);
      streams.set(cell, stream);
      return stream;
    },
  });
}

/**
 * @param {Cell | null} cell
 * @param {string} question
 * @returns {string}
 */
function ask(cell, question) {
  const answer = inputOf(cell).now(question === '' ? '' : `${question} `);
  if (answer !== null) return answer;
  cell?.stop(new Interrupted());
  throw new Interrupted();
}

/**
 * @param {Cell | null} cell
 * @returns {CellInput}
 */
function inputOf(cell) {
  const input = cell?.output.input;
  if (input) return input;
  throw new Error(
    'The cell asks for input, and what runs it takes none: run it in JupyterLab or a console, or set the value in the cell.',
  );
}

/**
 * @param {Cell} cell
 * @returns {Readable} lines that the front end is asked for, one when the one before has been read
 */
function standardInput(cell) {
  const stream = new Readable({
    encoding: 'utf8',
    highWaterMark: 1,
    read: () => void readLine(),
  });
  return stream;

  async function readLine() {
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    if (stream.isPaused()) await new Promise((resolve) => stream.once('resume', resolve));
    if (cell.signal.aborted || cell.hasEnded) return;
    try {
      const line = await inputOf(cell).later('');
      if (line !== null) stream.push(`${line}\n`);
    } catch (error) {
      stream.destroy(/** @type {Error} */ (error));
    }
  }
}
