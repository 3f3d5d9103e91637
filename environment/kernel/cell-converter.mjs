import { withLongProperties } from './long-properties.mjs';
import { guardAwaits } from './top-level-await.mjs';
import { createConverter } from './tslab.mjs';

/**
 * What tslab's converter makes of a cell.
 * @typedef {object} Converted
 * @property {string} [output] the compiled code
 * @property {string} [declOutput] declarations of all variables and types after the cell
 * @property {{ path: string, data: string }[]} [sideOutputs] compiled files that the cell imports
 * @property {boolean} [hasToplevelAwait]
 */

/** tslab's converter of cells to JavaScript, put right in what it gets wrong. */
export class CellConverter {
  #tslab = createConverter({ isJS: false, isBrowser: false });
  /** Declarations of the cells that have run. */
  #declared = '';
  /** @type {{ code: string, previous: string, converted: Converted } | null} */
  #prepared = null;
  /** @type {NonNullable<Converted['sideOutputs']>} compiled for cells that then did not run */
  #undelivered = [];

  /** @type {Converted | null} of the cell that runs */
  #taken = null;

  /** @param {string} guard the name of the function that guards a cell's awaits */
  constructor(guard) {
    this.guard = guard;
    // What tslab's executor uses of a converter.
    this.forExecutor = { ...this.#tslab, convert: this.#take.bind(this) };
  }

  /**
   * Converts a cell that the executor is to run next.
   * @param {string} code
   */
  prepare(code) {
    this.#keepSideOutputs();
    // These are no ordinary cells for tslab, and are converted in other ways.
    if (/@(?:module|browser)\b/.test(code)) return;
    const previous = this.#declared;
    this.#prepared = { code, previous, converted: this.#convert(previous, code) };
  }

  /** @param {boolean} ok whether the cell ran to its end: then the next one sees its variables */
  settle(ok) {
    if (ok && this.#taken !== null) this.#declared = this.#taken.declOutput ?? '';
    this.#taken = null;
  }

  /** tslab compiles each imported file once: those of a cell that was not run go to the next. */
  #keepSideOutputs() {
    this.#undelivered.push(...(this.#prepared?.converted.sideOutputs ?? []));
    this.#prepared = null;
  }

  /**
   * Called by the executor when it runs a cell.
   * @param {string} previous
   * @param {string} code
   * @returns {Converted}
   */
  #take(previous, code) {
    const prepared = this.#prepared;
    const fits = prepared?.code === code && prepared.previous === previous;
    if (!fits) this.#keepSideOutputs();
    const converted = prepared && fits ? prepared.converted : this.#convert(previous, code);
    this.#prepared = null;
    this.#taken = converted;
    const sideOutputs = [...this.#undelivered.splice(0), ...(converted.sideOutputs ?? [])];
    return sideOutputs.length > 0 ? { ...converted, sideOutputs } : converted;
  }

  /**
   * @param {string} previous
   * @param {string} code
   * @returns {Converted}
   */
  #convert(previous, code) {
    let converted = this.#tslab.convert(previous, code);
    if (!converted.output) return converted;
    // Second, so that errors keep the positions of the cell as it was written.
    const rewritten = withLongProperties(code);
    if (rewritten !== code) {
      // Imported files are put out by the first conversion alone: they have not changed since.
      const { sideOutputs } = converted;
      converted = { ...this.#tslab.convert(previous, rewritten), sideOutputs };
    }
    const { js, isAsync } = guardAwaits(converted.output, this.guard);
    // tslab overlooks some, such as `await (async () => {})()` and `for await`.
    return { ...converted, output: js, hasToplevelAwait: isAsync };
  }
}
