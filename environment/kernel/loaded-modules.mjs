import fs from 'node:fs';
import path from 'node:path';
import { distOf } from '../build/state.mjs';
import { builtPath, sourceName, stampOf } from './built-modules.mjs';

/** @typedef {{ path: string, data: string }} CompiledFile for a cell that imports it */

/**
 * The lab's files that cells have imported: the compiled ones of `dist`, which Node loads, and those
 * outside of `src`, which the kernel compiles and loads. After an edit the file is loaded anew, and so is
 * all that imports it, or it would keep the old one. Packages, such as the engine's with its native
 * part, are never loaded twice.
 */
export class LoadedModules {
  /** @type {Map<string, string[]>} what each of the kernel's files imports, by its path */
  #imports = new Map();
  /** @type {Map<string, string>} */
  #compiled = new Map();
  /** @type {Map<string, string>} what the source of each was like then */
  #stamps = new Map();
  /** @type {Map<string, Set<string>>} edited files that no cell has imported since: what imports each */
  #stale = new Map();
  /** Whether the reader knows of what is stale. */
  #told = true;

  /**
   * @param {string} root the checkout
   * @param {string[]} folders where relative imports of a cell begin
   * @param {import('./built-modules.mjs').BuiltModules} built
   */
  constructor(root, folders, built) {
    this.root = root;
    this.folders = folders;
    this.built = built;
  }

  /**
   * @param {CompiledFile[]} files what was compiled for a cell
   * @returns {CompiledFile[]} what it has to load anew, with every file that imports an edited one
   */
  update(files) {
    const edited = files.map((file) => file.path).filter((file) => this.#compiled.has(file));
    for (const { path: file, data } of files) {
      this.#compiled.set(file, data);
      this.#stamps.set(file, this.#stampOfSource(file));
      this.#imports.set(file, this.#importsOf(data, path.dirname(file)));
    }
    const given = new Set(files.map((file) => file.path));
    return [...files, ...this.#renew(edited).filter((file) => !given.has(file.path))];
  }

  /**
   * Looks for what has been built anew since it was loaded, or removed.
   * @param {boolean} isEdited whether it may be: then the reader is told again of what is stale
   * @returns {CompiledFile[]} what has to be loaded anew
   */
  noticeBuilt(isEdited) {
    if (isEdited) this.#told = false;
    const removed = [...this.#stamps]
      .filter(([file, stamp]) => stamp !== '' && this.#stampOfSource(file) === '')
      .map(([file]) => file);
    for (const file of removed) this.#stamps.set(file, '');
    return this.#renew([...this.built.changed(), ...removed]);
  }

  get hasStale() {
    return this.#stale.size > 0;
  }

  /**
   * @param {string} name of a module, as a cell imports it
   * @returns {boolean} whether it was edited, or something that it imports, since cells have imported it
   */
  isStale(name) {
    const files = this.#filesOf(name);
    return [...this.#stale.values()].some((importers) => files.some((file) => importers.has(file)));
  }

  /**
   * @param {string} name of a module, as a cell imports it
   * @returns {boolean} whether it was removed since cells have imported it
   */
  isRemoved(name) {
    const files = this.#filesOf(name);
    return files.some((file) => this.#stale.has(file)) && !files.some((file) => this.#exists(file));
  }

  /**
   * @param {string} compiledCell
   * @param {string[]} names of modules that earlier cells have imported, and that were loaded anew or removed
   * @returns {string | null} what to tell the reader of files that were edited
   */
  note(compiledCell, names) {
    const imports = [
      ...this.folders.flatMap((folder) => this.#importsOf(compiledCell, folder)),
      ...names.flatMap((name) => this.#filesOf(name)),
    ];
    const used = [...this.#stale]
      .filter(([, importers]) => imports.some((file) => importers.has(file)))
      .map(([file]) => file);
    for (const file of used) this.#stale.delete(file);
    if (used.length > 0) {
      const reloaded = used.filter((file) => this.#exists(file));
      const removed = used.filter((file) => !reloaded.includes(file));
      return (
        (reloaded.length > 0
          ? `Reloaded ${this.#names(reloaded)} and what imports it. Values made before keep the old code, and functions beside the import until that cell runs again.\n`
          : '') +
        (removed.length > 0
          ? `Removed since it was imported: ${this.#names(removed)}. Cells keep what they have of it.\n`
          : '')
      );
    }
    if (this.#told || this.#stale.size === 0) return null;
    this.#told = true;
    return `Edited since it was imported: ${this.#names([...this.#stale.keys()])}. Run the cell that imports it again to use it.\n`;
  }

  /**
   * @param {string[]} names that a cell imports
   * @returns {boolean} whether a compiled file of `src` is among it, or is imported by what is
   */
  reachBuilt(names) {
    const found = new Set(names.flatMap((name) => this.#filesOf(name)));
    // A set goes on with what is added during the loop.
    for (const file of found) {
      if (file.startsWith(distOf(this.root) + path.sep)) return true;
      this.#imports.get(file)?.forEach((one) => found.add(one));
    }
    return false;
  }

  /**
   * @param {string} name of a module, as a cell imports it
   * @returns {boolean} whether it, or something that it imports, is a file of the kernel's that was edited since it was compiled
   */
  isEdited(name) {
    const found = new Set(this.#filesOf(name));
    for (const file of found) {
      const stamp = this.#stamps.get(file);
      if (stamp !== undefined && this.#stampOfSource(file) !== stamp) return true;
      this.#imports.get(file)?.forEach((one) => found.add(one));
    }
    return false;
  }

  /** @param {string} file compiled */
  #stampOfSource(file) {
    return stampOf(path.join(this.root, sourceName(file, this.root)));
  }

  /** @param {string} file compiled; the kernel's are nowhere on disk, and their sources are */
  #exists(file) {
    const source = path.join(this.root, sourceName(file, this.root));
    return [file, source].some(
      (one) => fs.statSync(one, { throwIfNoEntry: false })?.isFile() === true,
    );
  }

  /** @param {string} name of a module, as a cell imports it */
  #filesOf(name) {
    return this.folders.flatMap((folder) => candidates(name, folder, this.root));
  }

  /** @param {string[]} files */
  #names(files) {
    return files.map((file) => sourceName(file, this.root)).join(', ');
  }

  /**
   * @param {string[]} edited
   * @returns {CompiledFile[]} of the kernel's
   */
  #renew(edited) {
    if (edited.length === 0) return [];
    const known = [...this.#imports, ...this.built.imports()];
    const all = new Set();
    for (const file of edited) {
      const affected = withImporters(file, known);
      this.#stale.set(file, affected);
      affected.forEach((one) => all.add(one));
    }
    this.#told = false;
    this.built.unload([...all]);
    return [...all].flatMap((file) => {
      const data = this.#compiled.get(file);
      return data === undefined ? [] : [{ path: file, data }];
    });
  }

  /**
   * @param {string} js CommonJS
   * @param {string} folder
   */
  #importsOf(js, folder) {
    return [...js.matchAll(/\brequire\("(\.{1,2}(?:\/[^"]*)?)"\)/g)].flatMap(([, name]) =>
      candidates(name, folder, this.root),
    );
  }
}

/**
 * @param {string} name relative
 * @param {string} folder where it is imported
 * @param {string} root
 * @returns {string[]} the compiled files that it may stand for
 */
function candidates(name, folder, root) {
  if (!name.startsWith('.')) return [];
  const file = builtPath(path.join(folder, name), root);
  return [file, `${file}.js`, path.join(file, 'index.js')];
}

/**
 * @param {string} file
 * @param {[file: string, imports: string[]][]} known
 * @returns {Set<string>} the file and what imports it, directly or not
 */
function withImporters(file, known) {
  const found = new Set([file]);
  for (const one of found) {
    for (const [importer, imports] of known) if (imports.includes(one)) found.add(importer);
  }
  return found;
}
