import { BuiltModules } from './built-modules.mjs';
import { TypeScriptError } from './compile-errors.mjs';
import { guardLoops } from './guard-loops.mjs';
import { LoadedModules } from './loaded-modules.mjs';
import { withLongProperties } from './long-properties.mjs';
import { withQuotedProperties } from './quoted-properties.mjs';
import { guardAwaits } from './top-level-await.mjs';
import { createConverter, ts } from './tslab.mjs';
import { noticeEdits } from './watched-files.mjs';

/** @typedef {import('./loaded-modules.mjs').CompiledFile} CompiledFile */

/**
 * What tslab's converter makes of a cell.
 * @typedef {object} Converted
 * @property {string} [output] the compiled code
 * @property {string} [declOutput] declarations of all variables and types after the cell
 * @property {CompiledFile[]} [sideOutputs] compiled files that the cell imports
 * @property {boolean} [hasToplevelAwait]
 */

/** tslab's converter of cells to JavaScript, put right in what it gets wrong. */
export class CellConverter {
  /** @type {any} made when first needed: that takes about a second */
  #converter = null;
  /** Declarations of the cells that have run. */
  #declared = '';
  /** @type {{ code: string, previous: string, converted: Converted } | null} */
  #prepared = null;
  /** @type {NonNullable<Converted['sideOutputs']>} compiled for cells that then did not run */
  #undelivered = [];

  /** @type {Converted | null} of the cell that runs */
  #taken = null;

  #modules;

  /**
   * @param {{ awaits: string, loops: string, importedLoops: string }} guards the names of the
   *   functions that guard a cell's awaits and loops, and the loops of the files that it imports
   * @param {string} root where imports are resolved from
   */
  constructor(guards, root) {
    this.guards = guards;
    this.#modules = new LoadedModules(
      root,
      new BuiltModules(root, (js) => this.#guardImported(js)),
    );
    // What tslab's executor uses of a converter.
    this.forExecutor = {
      convert: this.#take.bind(this),
      inspect: (/** @type {unknown[]} */ ...args) => this.#tslab.inspect(...args),
      complete: (/** @type {unknown[]} */ ...args) => this.#tslab.complete(...args),
      addModule: (/** @type {unknown[]} */ ...args) => this.#tslab.addModule(...args),
      close: () => this.#converter?.close(),
    };
  }

  get #tslab() {
    return (this.#converter ??= createConverter({ isJS: false, isBrowser: false }));
  }

  /** Makes the compiler ready, so that the first cell need not wait for it. */
  warmUp() {
    return this.#tslab;
  }

  /**
   * Converts a cell that the executor is to run next.
   *
   * @param {string} code
   * @param {object} build what has become of `src` since the last cell
   * @param {import('../build/state.mjs').BuildError[]} build.buildErrors what keeps it from being compiled
   * @param {boolean} build.isEdited whether the reader has edited it
   * @returns {string | null} a note to the reader, where imported files were edited since
   * @throws {TypeScriptError} of those errors, where the cell imports from `src`
   */
  prepare(code, { buildErrors, isEdited }) {
    this.#keepSideOutputs();
    this.#undelivered.push(...this.#modules.noticeBuilt(isEdited && buildErrors.length === 0));
    noticeEdits(ts);
    const refuse = () => {
      const names = ts.preProcessFile(code).importedFiles.map(({ fileName }) => fileName);
      if (buildErrors.length > 0 && this.#modules.reachBuilt(names)) {
        throw new TypeScriptError(buildErrors, code);
      }
    };
    refuse();
    // These are no ordinary cells for tslab, and are converted in other ways.
    if (/@(?:module|browser)\b/.test(code)) return null;
    const previous = this.#declared;
    this.#prepared = { code, previous, converted: this.#convert(previous, code) };
    // Again: what the files import that a cell imports is known only now.
    refuse();
    const { output } = this.#prepared.converted;
    return output === undefined ? null : this.#modules.note(output);
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
    if (converted.sideOutputs !== undefined) {
      const guarded = converted.sideOutputs.map((/** @type {CompiledFile} */ { path, data }) => ({
        path,
        data: this.#guardImported(data),
      }));
      converted = { ...converted, sideOutputs: this.#modules.update(guarded) };
    }
    // Second, so that errors keep the positions of the cell as it was written.
    const rewritten = withQuotedProperties(withLongProperties(code));
    if (rewritten !== code) {
      // Imported files are put out by the first conversion alone: they have not changed since.
      const { sideOutputs } = converted;
      converted = { ...this.#tslab.convert(previous, rewritten), sideOutputs };
    }
    const guarded = guardLoops(converted.output, this.guards.loops, 'all');
    const { js, isAsync } = guardAwaits(guarded, this.guards.awaits);
    // tslab overlooks some, such as `await (async () => {})()` and `for await`.
    return { ...converted, output: js, hasToplevelAwait: isAsync };
  }

  /** @param {string} js of a file that cells import */
  #guardImported(js) {
    return guardLoops(js, this.guards.importedLoops, 'awaiting');
  }
}
