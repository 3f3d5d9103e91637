// The lab's library as cells see it: what they import from below `src` is the compiled module in
// `dist`. declared.mjs tells the checker so; here Node's `require` is told, in all of the
// process.
import fs from 'node:fs';
import Module from 'node:module';
import path from 'node:path';
import { distOf, sourcesOf } from '../build/state.mjs';

/** With Node's functions for loading modules, which its types leave out. */
const loader = /** @type {any} */ (Module);

/**
 * @param {string} file an absolute path, with an ending or without
 * @param {string} root the checkout
 * @returns {string} where it is compiled to if it lies in `src`; others are returned as they are
 */
export function builtPath(file, root) {
  const source = sourcesOf(root);
  return isWithin(file, source) ? path.join(distOf(root), path.relative(source, file)) : file;
}

/**
 * @param {string} file of a compiled module
 * @param {string} root the checkout
 * @returns {string} its source, as a person at the root would name it
 */
export function sourceName(file, root) {
  const dist = distOf(root);
  const source = isWithin(file, dist)
    ? path.join('src', path.relative(dist, file))
    : path.relative(root, file);
  const isScript = fs.existsSync(path.join(root, source)); // some files of `src` are JavaScript
  return isScript ? source : source.replace(/\.js$/, '.ts');
}

/**
 * @param {string} file
 * @param {string} folder
 */
function isWithin(file, folder) {
  return file === folder || file.startsWith(folder + path.sep);
}

/** The modules of `dist` that this process has loaded. */
export class BuiltModules {
  /** @type {Map<string, string>} size and time of change of each file as it was loaded; empty of one removed since */
  #loaded = new Map();

  /**
   * @param {string} root the checkout
   * @param {(js: string) => string} rewrite applied to each module; keeps the number of every line
   */
  constructor(root, rewrite) {
    const resolve = loader._resolveFilename;
    /** @type {(name: string, parent: any, ...rest: unknown[]) => string} */
    loader._resolveFilename = (name, parent, ...rest) => {
      if (!parent?.filename || !/^(?:\.{0,2}\/|\.{1,2}$)/.test(name)) {
        return resolve(name, parent, ...rest);
      }
      const file = path.resolve(path.dirname(parent.filename), name);
      const built = builtPath(file, root);
      return resolve(built === file ? name : built, parent, ...rest);
    };
    const dist = distOf(root);
    const load = loader._extensions['.js'];
    /** @type {(module: any, file: string) => void} */
    loader._extensions['.js'] = (module, file) => {
      if (!isWithin(file, dist)) return load(module, file);
      this.#loaded.set(file, stampOf(file));
      module._compile(rewrite(fs.readFileSync(file, 'utf8')), file);
    };
  }

  /** @returns {string[]} the loaded files that are not any more what they were when loaded */
  changed() {
    return [...this.#loaded]
      .filter(([file, stamp]) => stampOf(file) !== stamp)
      .map(([file]) => file);
  }

  /** @returns {[file: string, imports: string[]][]} each loaded file with the files that it has loaded */
  imports() {
    return [...this.#loaded.keys()].map((file) => {
      /** @type {{ filename: string }[]} */
      const children = loader._cache[file]?.children ?? [];
      return [file, children.map(({ filename }) => filename)];
    });
  }

  /**
   * Forgets modules: who imports them next gets them anew. One that was removed is changed once it is back.
   * @param {string[]} files those of them that are no modules of `dist` stay
   */
  unload(files) {
    for (const file of files) {
      if (!this.#loaded.delete(file)) continue;
      delete loader._cache[file];
      if (stampOf(file) === '') {
        this.#loaded.set(file, '');
        forgetPath(file);
      }
    }
  }
}

/**
 * Node does not look again whether what a name has led to is still there.
 * @param {string} file
 */
function forgetPath(file) {
  for (const [name, found] of Object.entries(loader._pathCache)) {
    if (found === file) delete loader._pathCache[name];
  }
}

/**
 * @param {string} file
 * @returns {string} another one once it has been written; empty where there is none
 */
export function stampOf(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}
