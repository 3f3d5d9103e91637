import { BuiltModules } from './built-modules.mjs';
import { importMeta } from './cell-executor.mjs';
import { CellCompiler } from './cell-compiler.mjs';
import { TypeScriptError } from './compile-errors.mjs';
import { withoutExports } from './exports.mjs';
import { guardLoops } from './guard-loops.mjs';
import { LoadedModules } from './loaded-modules.mjs';
import { keepCell, keepFile } from './source-positions.mjs';
import { guardAwaits } from './top-level-await.mjs';
import { getCodeMetadata, ts } from './tslab.mjs';

/** @typedef {import('./loaded-modules.mjs').CompiledFile} CompiledFile */

/** A compiled cell, with what is to become of its declarations. @typedef {object} Conversion
 * @property {import('./cell-executor.mjs').Script | null} script null where there is nothing to run
 * @property {string[]} notes what to tell the reader
 * @property {string[]} names of variables, functions, classes and imports that it gives a value
 * @property {(lost: Set<string>) => void} declare makes its declarations known to later cells, but for names that are lost
 */

/** How compiled code first makes the names known that a module exports. */
const exportedNames = /^(?:exports\.[\w$\u0080-\uffff]+ = )+void 0;$/gm;

/** From what is written in a cell to the script that runs. */
export class CellConverter {
  #compiler;
  #modules;

  /**
   * @param {{ awaits: string, loops: string, importedLoops: string }} guards the names of the
   *   functions that guard a cell's awaits and loops, and the loops of the files that it imports
   * @param {string} root of the checkout
   * @param {string[]} folders where relative imports of a cell begin
   * @param {object} executor of the cells
   * @param {(files: CompiledFile[]) => void} executor.load takes what has to be loaded, perhaps anew
   * @param {(imports: import('./scope.mjs').ImportedName[]) => void} executor.rebind gives what earlier cells have
   *   imported its value anew
   */
  constructor(guards, root, folders, { load, rebind }) {
    this.guards = guards;
    this.load = load;
    this.rebind = rebind;
    const built = new BuiltModules(root, (js) => this.#guardImported(js));
    this.#modules = new LoadedModules(root, folders, built);
    this.#compiler = new CellCompiler(root, folders);
  }

  /** What an editor asks of. */
  get compiler() {
    return this.#compiler;
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
    const imported = ts.preProcessFile(code).importedFiles.map(({ fileName }) => fileName);
    const refuse = () => {
      if (buildErrors.length > 0 && this.#modules.reachBuilt(imported)) {
        throw new TypeScriptError(buildErrors, code, count);
      }
    };
    refuse();
    const earlier = this.#compiler.imports;
    const { module, mode } = getCodeMetadata(code);
    if (module !== undefined || mode === 'browser') {
      const errors = module === undefined ? [] : this.#compiler.writeModule(module, code);
      if (errors.length > 0) throw new TypeScriptError(errors, code, count);
      return { script: null, notes: [], names: [], declare: () => {} };
    }
    const plain = withoutExports(code);
    // Files beside `src` that earlier cells have imported are compiled again only for a cell that imports them.
    const edited = earlier.map(({ from }) => from).filter((name) => this.#modules.isEdited(name));
    const packages = this.#compileImported([...imported, ...edited], code, count);
    // Again: what the files import that a cell imports is known only now.
    refuse();
    const { errors, notes, cell } = this.#compiler.compile(plain);
    if (
      buildErrors.length > 0 &&
      !isEdited &&
      this.#modules.reachBuilt(earlier.map(({ from }) => from))
    ) {
      const { file, line } = buildErrors[0];
      const place = file === '' ? '' : ` (${file}, line ${line})`;
      notes.push(`src does not compile${place}: what was imported is that from before the edit.\n`);
    }
    if (cell === null) throw new TypeScriptError(errors, code, count);

    const note = this.#modules.note(cell.js, this.#renewImports(earlier));
    if (note !== null) notes.push(note);
    // What an earlier cell has made stays until it is made anew: the cell may end before.
    const compiled = cell.js.replace(exportedNames, '');
    const guarded = guardLoops(compiled, this.guards.loops, 'all');
    const { js, isAsync } = guardAwaits(guarded, this.guards.awaits);
    const name = `cell-${count}`;
    keepCell(name, { code, insertions: cell.insertions, compiled, map: cell.map, guarded: js });
    const { last, names, declare } = cell;
    const loaded = [...js.matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1]);
    return {
      script: {
        js: withImportMeta(js),
        name,
        isAsync,
        last,
        names,
        imports: [...packages, ...loaded],
      },
      notes,
      names,
      declare,
    };
  }

  /**
   * @param {Conversion} conversion of the cell that has run
   * @param {Set<string | symbol>} assigned the names that it has given a value; others, which it would have given one
   *   had it not failed, stay as they were
   */
  settle({ names, declare }, assigned) {
    declare(new Set(names.filter((name) => !assigned.has(name))));
  }

  /**
   * @param {string[]} names of modules
   * @param {string} code the cell's
   * @param {number} count the cell's
   * @returns {string[]} the packages that they import
   * @throws {TypeScriptError} where files among them have errors: what does not compile fails the cell
   */
  #compileImported(names, code, count) {
    const { errors, files, packages } = this.#compiler.compileImported(names);
    if (errors.length > 0) throw new TypeScriptError(errors, code, count);
    for (const { path: file, map, js, source } of files) keepFile(file, { map, js, source });
    const guarded = files.map(({ path: file, js }) => ({
      path: file,
      data: this.#guardImported(js),
    }));
    if (guarded.length > 0) this.load(this.#modules.update(guarded));
    return packages;
  }

  /**
   * After an edit, earlier imports lead to the new code, and so does all in the cells that calls what they name. Of a
   * removed file the cells keep what they have.
   *
   * @param {import('./scope.mjs').ImportedName[]} earlier
   * @returns {string[]} the modules that were loaded anew or removed
   */
  #renewImports(earlier) {
    if (!this.#modules.hasStale) return [];
    const imports = earlier.filter(({ from }) => this.#modules.isStale(from));
    this.rebind(imports.filter(({ from }) => !this.#modules.isRemoved(from)));
    return imports.map(({ from }) => from);
  }

  /** @param {string} js of a file that cells import */
  #guardImported(js) {
    return guardLoops(js, this.guards.importedLoops, 'awaiting');
  }
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
