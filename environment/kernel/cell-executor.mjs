import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { Interrupted } from './interrupted.mjs';

/** What `import.meta` becomes in compiled code, where it is no syntax; as long as that, so that nothing moves. */
export const importMeta = '_importMeta';
/** What `import` becomes in `import('name')`, which in compiled code would only find what `require` finds. */
export const importCall = '_import';

const scopeKey = 'stfpm.scope';
/** Node's functions for modules, some of which its types leave out. */
const loader = /** @type {any} */ (Module);

/**
 * @typedef {object} Script a compiled cell
 * @property {string} js CommonJS
 * @property {string} name in stack traces
 * @property {boolean} isAsync whether it awaits something at its top level
 * @property {string[]} imports the modules that it imports at its beginning
 * @property {string[]} names of what it declares
 * @property {string | undefined} last the exported name of its last value
 */

/**
 * @param {unknown} error of `require.resolve`
 * @returns {boolean} whether the package is there, and has nothing for `require`
 */
function isOnlyImported(error) {
  return (
    /** @type {NodeJS.ErrnoException | null} */ (error)?.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
  );
}

/**
 * @param {string} file where a module was found, or the name of one of Node's
 * @returns {boolean} whether Node takes it for a module of JavaScript's own kind
 */
function isStandardFile(file) {
  if (!path.isAbsolute(file) || !/\.m?js$/.test(file)) return false;
  if (file.endsWith('.mjs')) return true;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return (
        JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module'
      );
    } catch {
      if (folder === path.dirname(folder)) return false;
    }
  }
}

/**
 * @param {string} folder
 * @returns {(name: string) => Promise<object>} Node's `import` as it is in a module of that folder
 */
function createImport(folder) {
  const module = new loader(path.join(folder, 'cell.js'));
  module.filename = module.id;
  module._compile('module.exports = (name) => import(name);', module.filename);
  return module.exports;
}

/**
 * @template T
 * @param {(() => Promise<T>)[]} ways
 * @returns {Promise<T>} what the first of them gives that does not fail
 * @throws what the first throws, where all of them fail
 */
async function firstOf([way, ...others]) {
  try {
    return await way();
  } catch (error) {
    for (const other of others) {
      try {
        return await other();
      } catch {
        // The first tells the reader what is wrong.
      }
    }
    throw error;
  }
}

/** Runs compiled cells. Their variables are properties of one object, which all of them share. */
export class CellExecutor {
  /** @type {Record<string | symbol, unknown>} */
  #variables = {};
  /** @type {Set<string | symbol>} */
  #assigned = new Set();
  /** @type {Map<string, string>} compiled files that cells import, by path */
  #files = new Map();
  /** @type {Map<string, NodeJS.Module>} those that were loaded */
  #modules = new Map();
  /** @type {Map<string, unknown>} modules of JavaScript's own kind, by the names by which cells import them */
  #standard = new Map();
  /** @type {(reason: unknown) => void} */
  #stopWaiting = () => {};
  #scope;
  #imports;

  /**
   * @param {string[]} folders where relative imports of a cell begin, the notebook's folder first
   * @param {string} notebook its path; what is not known of it may be made up
   */
  constructor(folders, notebook) {
    this.#imports = folders.map(createImport);
    this.#scope = {
      [importCall]: (/** @type {string} */ name) => this.#import(name),
      exports: this.#createExports(),
      require: this.#createRequire(folders),
      __dirname: folders[0],
      __filename: notebook,
      [importMeta]: Object.freeze({ url: pathToFileURL(notebook).href }),
    };
    Object.defineProperty(globalThis, Symbol.for(scopeKey), { value: Object.values(this.#scope) });
  }

  /** The values of all variables, by name. */
  get variables() {
    return this.#variables;
  }

  /** The names that the last cell has given a value: variables, functions, classes and imports. */
  get assigned() {
    return this.#assigned;
  }

  /** @param {{ path: string, data: string }[]} files compiled ones; each is loaded when it is imported next */
  load(files) {
    for (const file of files) {
      this.#modules.delete(file.path);
      this.#files.set(file.path, file.data);
    }
  }

  /**
   * Gives variables that were imported their values anew, of modules that were edited since.
   * @param {import('./scope.mjs').ImportedName[]} imports
   * @throws what a module throws as it is loaded; then none has changed
   */
  rebind(imports) {
    const values = imports.flatMap(({ name, imported, from }) => {
      if (!Object.hasOwn(this.#variables, name)) return []; // a type
      const module = /** @type {any} */ (this.#scope.require(from));
      const isWhole = imported === '*' || (imported === 'default' && !module.__esModule);
      if (!isWhole && !(imported in module)) return [];
      return [{ name, value: isWhole ? module : module[imported] }];
    });
    for (const { name, value } of values) this.#variables[name] = value;
  }

  /**
   * @param {Script} script
   * @returns {Promise<{ value: unknown } | null>} its last value; null where it has none
   */
  async run({ js, name, isAsync, imports, names, last }) {
    this.#assigned = new Set();
    for (const one of imports) {
      if (this.#isStandard(one)) await this.#waitFor(this.#importStandard(one));
    }
    const prefix = `(${isAsync ? 'async ' : ''}function(${Object.keys(this.#scope).join(', ')}) { `;
    const call = `\n})(...globalThis[Symbol.for('${scopeKey}')])`;
    const ended = vm.runInThisContext(prefix + js + call, {
      filename: name,
      columnOffset: -prefix.length,
      breakOnSigint: true,
    });
    if (isAsync) await this.#waitFor(ended);
    // As after `let a;`.
    for (const one of names) if (!this.#assigned.has(one)) this.#scope.exports[one] = undefined;
    if (last === undefined) return null;
    const value = this.#variables[last];
    delete this.#variables[last];
    return value === undefined ? null : { value };
  }

  /** @param {Promise<unknown>} work ends it for the cell when that is interrupted */
  async #waitFor(work) {
    const stopped = new Promise((_, reject) => {
      this.#stopWaiting = reject;
    });
    await Promise.race([work, stopped]);
  }

  /**
   * What `import('name')` does in a cell.
   * @param {string} name
   */
  async #import(name) {
    if (this.#isStandard(name)) return this.#importStandard(name);
    const module = this.#scope.require(name);
    return module?.__esModule ? module : { ...module, default: module };
  }

  /**
   * @param {string} name
   * @returns {boolean} whether it is a module of JavaScript's own kind, which `import` loads in every Node
   */
  #isStandard(name) {
    if (this.#standard.has(name)) return true;
    try {
      return isStandardFile(this.#scope.require.resolve(name));
    } catch (error) {
      return isOnlyImported(error);
    }
  }

  /** @param {string} name */
  async #importStandard(name) {
    const known = this.#standard.get(name);
    if (known !== undefined) return known;
    const found = await firstOf(this.#imports.map((one) => () => one(name)));
    // As what was compiled to CommonJS would look: else the whole of it would be taken for its default.
    const module = new Proxy(found, {
      get: (target, key) => (key === '__esModule' ? true : Reflect.get(target, key)),
    });
    this.#standard.set(name, module);
    return module;
  }

  /** Forgets what the last cell has defined, which may be more than there is memory for. */
  forget() {
    for (const name of this.#assigned) delete this.#variables[name];
    this.#assigned = new Set();
  }

  /** The cell that runs is waited for no longer. */
  interrupt() {
    this.#stopWaiting(new Interrupted());
  }

  #createExports() {
    return new Proxy(this.#variables, {
      set: (variables, name, value) => {
        variables[name] = value;
        this.#assigned.add(name);
        return true;
      },
      // Compiled imports are defined as getters; here they are variables like any other.
      defineProperty: (variables, name, attributes) => {
        if (name === '__esModule') return true;
        variables[name] = attributes.get ? attributes.get() : attributes.value;
        this.#assigned.add(name);
        return true;
      },
    });
  }

  /** @param {string[]} folders */
  #createRequire(folders) {
    const requires = folders.map((folder) => createRequire(path.join(folder, 'cell.js')));
    /** @param {string} name */
    const requireOf = (name) =>
      requires.find((require) => {
        try {
          return require.resolve(name);
        } catch (error) {
          return isOnlyImported(error);
        }
      }) ?? requires[0];
    /** @param {string} name */
    const requireFrom = (name) => requireOf(name)(name);
    const resolve = Object.assign(
      (/** @type {string} */ name) => requireOf(name).resolve(name),
      requires[0].resolve,
    );
    return this.#withFiles(Object.assign(requireFrom, requires[0], { resolve }), folders);
  }

  /**
   * @template {(name: string) => any} T
   * @param {T} require
   * @param {string[]} folders where relative names begin
   * @returns {T} the same, which finds the compiled files as well
   */
  #withFiles(require, folders) {
    return new Proxy(require, {
      apply: (target, self, [name, ...rest]) => {
        if (this.#standard.has(name)) return this.#standard.get(name);
        const isPath = typeof name === 'string' && /^\.{0,2}(?:\/|$)/.test(name);
        for (const folder of isPath ? folders : []) {
          const module = this.#loadFile(path.resolve(folder, name));
          if (module !== null) return module.exports;
        }
        return Reflect.apply(target, self, [name, ...rest]);
      },
    });
  }

  /**
   * @param {string} file with its ending or without
   * @returns {NodeJS.Module | null} null where it is none of the compiled files
   */
  #loadFile(file) {
    const names = [file, `${file}.js`, file.replace(/\.tsx?$/, '.js'), path.join(file, 'index.js')];
    const name = names.find((one) => this.#files.has(one));
    if (name === undefined) return null;
    const loaded = this.#modules.get(name);
    if (loaded !== undefined) return loaded;
    const module = new loader(name);
    module.filename = name;
    module.paths = loader._nodeModulePaths(path.dirname(name));
    module.require = this.#withFiles(module.require.bind(module), [path.dirname(name)]);
    this.#modules.set(name, module); // before it runs, as files may import each other in a circle
    try {
      module._compile(this.#files.get(name), name);
    } catch (error) {
      this.#modules.delete(name);
      throw error;
    }
    return module;
  }
}
