import { BuiltModules } from './built-modules.mjs';
import { importMeta } from './cell-executor.mjs';
import { TypeScriptError } from './compile-errors.mjs';
import { takeNotes } from './compiler-settings.mjs';
import {
  filterDeclarations,
  importedNames,
  withNamelessValue,
  withoutExports,
} from './declarations.mjs';
import { guardLoops } from './guard-loops.mjs';
import { LoadedModules } from './loaded-modules.mjs';
import { withLongProperties } from './long-properties.mjs';
import { withQuotedProperties } from './quoted-properties.mjs';
import { keepCell, nameCell } from './source-positions.mjs';
import { guardAwaits } from './top-level-await.mjs';
import { createConverter, getCodeMetadata, ts } from './tslab.mjs';
import { noticeEdits } from './watched-files.mjs';

/** @typedef {import('./loaded-modules.mjs').CompiledFile} CompiledFile */

/**
 * What tslab's converter makes of a cell.
 * @typedef {object} Converted
 * @property {string} [output] the compiled code
 * @property {string} [rewritten] the cell's source, where it was put right before it was compiled
 * @property {string} [declOutput] declarations of all variables and types after the cell
 * @property {CompiledFile[]} [sideOutputs] compiled files that the cell imports
 * @property {string} [lastExpressionVar] the exported name of its last value
 * @property {TslabError[]} diagnostics
 *
 * @typedef {{ fileName?: string, start: { line: number, character: number }, messageText: string }} TslabError
 *   counted from 0
 */

/** A compiled cell, with what is to become of its declarations. @typedef {object} Conversion
 * @property {import('./cell-executor.mjs').Script | null} script null where there is nothing to run
 * @property {string[]} notes what to tell the reader
 * @property {string[]} names of variables, functions and classes that it gives a value
 * @property {string} previous declarations before it
 * @property {string} declared declarations after it
 */

/** How compiled code first makes the names known that a module exports. */
const exportedNames = /^(?:exports\.[\w$]+ = )+void 0;$/m;

/** tslab's converter of cells to JavaScript, put right in what it gets wrong. */
export class CellConverter {
  /** @type {any} made when first needed: that takes about a second */
  #converter = null;
  /** Declarations of the cells that have run. */
  #declared = '';

  #modules;

  /**
   * @param {{ awaits: string, loops: string, importedLoops: string }} guards the names of the
   *   functions that guard a cell's awaits and loops, and the loops of the files that it imports
   * @param {string} root of the checkout
   * @param {string[]} folders where relative imports of a cell begin
   * @param {object} executor of the cells
   * @param {(files: CompiledFile[]) => void} executor.load takes what has to be loaded, perhaps anew
   * @param {(imports: import('./declarations.mjs').ImportedName[]) => void} executor.rebind gives what earlier cells have
   *   imported its value anew
   */
  constructor(guards, root, folders, { load, rebind }) {
    this.guards = guards;
    this.load = load;
    this.rebind = rebind;
    const built = new BuiltModules(root, (js) => this.#guardImported(js));
    this.#modules = new LoadedModules(root, folders, built);
  }

  get #tslab() {
    return (this.#converter ??= createConverter({ isJS: false, isBrowser: false }));
  }

  /** Makes the compiler ready, so that the first cell need not wait for it. */
  warmUp() {
    return this.#tslab;
  }

  /** Declarations of the cells that have run. */
  get declarations() {
    return this.#declared;
  }

  close() {
    this.#converter?.close();
  }

  /**
   * @param {string} code of a cell that is being written
   * @param {number} position
   * @returns {any} tslab's answer
   */
  inspect(code, position) {
    return this.#tslab.inspect(this.#declared, code, position);
  }

  /**
   * @param {string} code of a cell that is being written
   * @param {number} position
   * @returns {any} tslab's answer
   */
  complete(code, position) {
    return this.#tslab.complete(this.#declared, code, position);
  }

  /**
   * Converts a cell that is to run next.
   *
   * @param {string} code
   * @param {number} count the cell's
   * @param {object} build what has become of `src` since the last cell
   * @param {import('../build/state.mjs').BuildError[]} build.buildErrors what keeps it from being compiled
   * @param {boolean} build.isEdited whether the reader has edited it
   * @returns {Conversion}
   * @throws {TypeScriptError} of those errors, where the cell imports from `src`, and of the cell's own
   */
  convert(code, count, { buildErrors, isEdited }) {
    this.load(this.#modules.noticeBuilt(isEdited && buildErrors.length === 0));
    noticeEdits(ts);
    const refuse = () => {
      const names = ts.preProcessFile(code).importedFiles.map(({ fileName }) => fileName);
      if (buildErrors.length > 0 && this.#modules.reachBuilt(names)) {
        throw new TypeScriptError(buildErrors, code, count);
      }
    };
    refuse();
    const previous = this.#declared;
    const { module, mode } = getCodeMetadata(code);
    if (module !== undefined || mode === 'browser') {
      const errors =
        module === undefined ? [] : this.#tslab.addModule(module, code, { module, mode });
      if (errors.length > 0) throw compileError(errors, code, count);
      return { script: null, notes: [], names: [], previous, declared: previous };
    }
    const plain = withoutExports(code);
    this.#compileEdited(previous, count);
    const converted = this.#convert(previous, plain, count);
    const notes = takeNotes();
    if (buildErrors.length > 0 && !isEdited && this.#modules.reachBuilt(modulesOf(previous))) {
      const { file, line } = buildErrors[0];
      const place = file === '' ? '' : ` (${file}, line ${line})`;
      notes.push(`src does not compile${place}: what was imported is that from before the edit.\n`);
    }
    // Again: what the files import that a cell imports is known only now.
    refuse();
    const { diagnostics, output, declOutput = '', lastExpressionVar: last } = converted;
    if (diagnostics.length > 0) throw compileError(diagnostics, code, count);
    if (!output) return { script: null, notes, names: [], previous, declared: declOutput };

    const note = this.#modules.note(output, this.#renewImports(previous));
    if (note !== null) notes.push(note);
    const names = [...(exportedNames.exec(output)?.[0] ?? '').matchAll(/exports\.([\w$]+)/g)];
    // What an earlier cell has made stays until it is made anew: the cell may end before.
    const guarded = guardLoops(output.replace(exportedNames, ''), this.guards.loops, 'all');
    const { js, isAsync } = guardAwaits(guarded, this.guards.awaits);
    const name = nameCell(count);
    keepCell(name, {
      code,
      rewritten: converted.rewritten ?? plain,
      compiled: output,
      guarded: js,
    });
    return {
      script: { js: withImportMeta(js), name, isAsync, last },
      notes,
      names: names.map((match) => match[1]),
      previous,
      declared: declOutput,
    };
  }

  /**
   * @param {Conversion} conversion of the cell that has run
   * @param {Set<string | symbol>} assigned the names that it has given a value; others, which it would have given one
   *   had it not failed, stay as they were
   */
  settle({ names, previous, declared }, assigned) {
    const lost = new Set(names.filter((name) => !assigned.has(name)));
    this.#declared =
      lost.size === 0
        ? declared
        : filterDeclarations(declared, (name) => !lost.has(name)) +
          filterDeclarations(previous, (name) => lost.has(name));
  }

  /**
   * Files beside `src` that earlier cells have imported are compiled again only for a cell that imports them.
   *
   * @param {string} declared
   * @param {number} count
   */
  #compileEdited(declared, count) {
    const edited = modulesOf(declared).filter((name) => this.#modules.isEdited(name));
    if (edited.length === 0) return;
    const code = edited.map((name) => `import ${JSON.stringify(name)};`).join('\n');
    const { diagnostics } = this.#convert('', code, count);
    // What does not compile fails the cell rather than being left as it was.
    if (diagnostics.length > 0) throw compileError(diagnostics, code, count);
  }

  /**
   * After an edit, earlier imports lead to the new code, and so does all in the cells that calls what they name. Of a
   * removed file the cells keep what they have.
   *
   * @param {string} declared
   * @returns {string[]} the modules that were loaded anew or removed
   */
  #renewImports(declared) {
    if (!this.#modules.hasStale) return [];
    const imports = importedNames(declared).filter(({ from }) => this.#modules.isStale(from));
    this.rebind(imports.filter(({ from }) => !this.#modules.isRemoved(from)));
    return imports.map(({ from }) => from);
  }

  /**
   * @param {string} previous
   * @param {string} code
   * @param {number} count
   * @returns {Converted}
   */
  #convert(previous, code, count) {
    nameCell(count);
    const converted = this.#tslab.convert(previous, code);
    if (!converted.output) return converted;
    if (converted.sideOutputs !== undefined) {
      const guarded = converted.sideOutputs.map((/** @type {CompiledFile} */ { path, data }) => ({
        path,
        data: this.#guardImported(data),
      }));
      this.load(this.#modules.update(guarded));
    }
    // Second, so that errors keep the positions of the cell as it was written.
    const rewritten = withNamelessValue(withQuotedProperties(withLongProperties(code)));
    return rewritten === code
      ? converted
      : { ...this.#tslab.convert(previous, rewritten), rewritten };
  }

  /** @param {string} js of a file that cells import */
  #guardImported(js) {
    return guardLoops(js, this.guards.importedLoops, 'awaiting');
  }
}

/** @param {string} declared */
function modulesOf(declared) {
  return importedNames(declared).map(({ from }) => from);
}

/**
 * @param {TslabError[]} errors
 * @param {string} code
 * @param {number} count
 */
function compileError(errors, code, count) {
  const told = errors.map(({ fileName = '', start, messageText }) => ({
    file: fileName,
    line: start.line + 1,
    column: start.character + 1,
    message: messageText,
  }));
  return new TypeScriptError(told, code, count);
}

/** @param {string} js */
function withImportMeta(js) {
  if (!js.includes('import.meta')) return js;
  const file = ts.createSourceFile('cell.js', js, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  let result = js;
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (ts.isMetaProperty(node) && node.getText(file) === 'import.meta') {
      result = result.slice(0, node.getStart(file)) + importMeta + result.slice(node.end);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return result;
}
