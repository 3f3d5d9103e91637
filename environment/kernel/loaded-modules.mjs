import path from 'node:path';

/** @typedef {{ path: string, data: string }} CompiledFile */

/**
 * The compiled files that cells import. tslab loads a file anew where it is given it again, but only
 * that file: those that import it would keep the old one. What is not compiled by it, such as the
 * engine's package with its native part, is never loaded twice.
 */
export class LoadedModules {
  /** @type {Map<string, string[]>} what each file imports, by its path */
  #imports = new Map();
  /** @type {Map<string, string>} */
  #compiled = new Map();
  /** @type {Set<string>} edited files, and those that import them, which no cell has imported since */
  #stale = new Set();

  /**
   * @param {CompiledFile[]} files what the compiler made for a cell
   * @returns {{ files: CompiledFile[], edited: string[] }} with every file that imports an edited one
   */
  update(files) {
    const edited = files.map((file) => file.path).filter((file) => this.#compiled.has(file));
    for (const { path: file, data } of files) {
      this.#compiled.set(file, data);
      this.#imports.set(file, importsOf(data, path.dirname(file)));
    }
    const affected = this.#withImporters(edited);
    for (const file of affected) this.#stale.add(file);
    const given = new Set(files.map((file) => file.path));
    const importers = affected
      .filter((file) => !given.has(file))
      .map((file) => ({ path: file, data: /** @type {string} */ (this.#compiled.get(file)) }));
    return { files: [...files, ...importers], edited };
  }

  /**
   * @param {string} compiledCell
   * @param {string} root where it is run
   * @returns {boolean} whether it imports, directly, something that was edited or imports what was
   */
  reloads(compiledCell, root) {
    return importsOf(compiledCell, root).some((file) => this.#stale.has(file));
  }

  /** @param {string[]} files */
  #withImporters(files) {
    const found = new Set(files);
    // A set goes on with what is added during the loop.
    for (const file of found) {
      for (const [importer, imports] of this.#imports)
        if (imports.includes(file)) found.add(importer);
    }
    return [...found];
  }
}

/**
 * @param {string} js CommonJS
 * @param {string} folder
 * @returns {string[]} the paths of the files that it requires by relative names
 */
function importsOf(js, folder) {
  return [...js.matchAll(/\brequire\("(\.{1,2}\/[^"]+)"\)/g)].map(([, name]) =>
    path.join(folder, path.extname(name) === '' ? `${name}.js` : name),
  );
}
