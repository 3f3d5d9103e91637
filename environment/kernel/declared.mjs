// What cells may import, as the compiler sees it: a program of declarations and of the files beside `src`. The cells are no
// part of it (see cell-compiler.mjs), so that it stays what it is from cell to cell until one imports something new or a
// file was edited.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { distOf, stampFileOf } from '../build/state.mjs';
import { engineFolder } from '../setup/paths.mjs';
import { builtPath, stampOf } from './built-modules.mjs';
import { libraries } from './language.mjs';
import { ts } from './tslab.mjs';

/** The name by which the compiler asks for what every cell has. */
const cellGlobals = 'cell-globals';
const globalsOfCells = {
  primary: true,
  resolvedFileName: fileURLToPath(new URL('./globals.d.ts', import.meta.url)),
};

/** What a reader's tsconfig.json decides for the cells: how JSX and decorators are compiled. */
const ofTheReader = [
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'experimentalDecorators',
  'emitDecoratorMetadata',
];

/**
 * @param {string} folder the notebook's
 * @returns {import('typescript').CompilerOptions} as strict as the library's own check: without it some of the library's
 *   inferred types differ
 */
function optionsFor(folder) {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  const found =
    file === undefined
      ? {}
      : ts.parseJsonConfigFileContent(
          ts.readConfigFile(file, ts.sys.readFile).config ?? {},
          { ...ts.sys, readDirectory: () => [] },
          path.dirname(file),
        ).options;
  const chosen = ofTheReader.filter((name) => found[name] !== undefined);
  return {
    jsx: ts.JsxEmit.React,
    ...Object.fromEntries(chosen.map((name) => [name, found[name]])),
    target: ts.ScriptTarget.ES2022,
    lib: libraries,
    // Allows top-level awaits. What runs is CommonJS all the same.
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    esModuleInterop: true,
    resolveJsonModule: true,
    allowJs: true,
    checkJs: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    // Of the packages with global types, those of Node alone are there for a cell.
    types: ['node', cellGlobals],
  };
}

/** Of a file that cells import: those of packages and of the build do not change between two cells. */
const isInstalled = (/** @type {string} */ file) => file.includes('/node_modules/');

/** With members that only the compiler itself is meant to use. @typedef {any} Internal */

export class Declared {
  #root;
  #folders;
  #host;
  /** @type {Internal} */
  #program = null;
  /** What the cells import, and what they declare for everybody: a file that the program begins with. */
  #entry;
  #entrySource;
  /** @type {Set<string>} */
  #names = new Set();
  #augmentations = '';
  /** @type {Map<string, { stamp: string, file: import('typescript').SourceFile }>} */
  #files = new Map();
  /** @type {Map<string, string>} modules that were written in a cell, by path */
  #written = new Map();
  #built = '';
  /** @type {WeakMap<object, import('typescript').SourceFile>} files of packages with their comments */
  #documented = new WeakMap();
  #isBuiltAnew = false;

  /**
   * @param {string} root of the checkout
   * @param {string[]} folders where relative imports of a cell begin, the notebook's folder first
   */
  constructor(root, folders) {
    this.#root = root;
    this.#folders = folders;
    this.options = optionsFor(folders[0]);
    this.#entry = path.join(root, '__imports__.ts');
    this.#entrySource = this.#sourceOfEntry();
    this.#host = this.#createHost();
  }

  /** @returns {Internal} the program */
  get program() {
    return (this.#program ??= this.#createProgram());
  }

  /**
   * Brings the program up to date.
   *
   * @param {string[]} names of modules that a cell imports; those that there are not are left out
   * @param {string} [augmentations] what it declares for everybody
   * @returns {boolean} whether there is a new program
   */
  include(names, augmentations = '') {
    const found = [...new Set(names)].filter(
      (name) => !this.#names.has(name) && this.#resolve(name, this.#entry).resolvedModule,
    );
    const declares = augmentations !== '' && !this.#augmentations.includes(augmentations);
    const built = stampOf(stampFileOf(this.#root));
    this.#isBuiltAnew = built !== this.#built;
    const isOutdated = this.#isBuiltAnew || this.#isEdited() || this.#hasAppeared();
    if (this.#program !== null && found.length === 0 && !declares && !isOutdated) return false;
    this.#built = built;
    for (const name of found) this.#names.add(name);
    if (declares) this.#augmentations += `${augmentations}\n`;
    this.#entrySource = this.#sourceOfEntry();
    this.#program = this.#createProgram();
    return true;
  }

  /**
   * @param {string} name of a module that a cell writes; it can be imported as if it stood at the root
   * @param {string} content
   * @param {boolean} hasJsx
   * @returns {import('typescript').SourceFile}
   */
  write(name, content, hasJsx) {
    this.#written.set(path.join(this.#root, `${name}.${hasJsx ? 'tsx' : 'ts'}`), content);
    this.include([`./${name}`]);
    this.#program = this.#createProgram();
    const file = path.join(this.#root, `${name}.${hasJsx ? 'tsx' : 'ts'}`);
    return this.#program.getSourceFile(file);
  }

  /**
   * @param {string} name of a module, as a cell imports it
   * @param {import('typescript').ResolutionMode} [mode]
   * @returns {Internal} where it was found
   */
  resolved(name, mode = ts.ModuleKind.ESNext) {
    return this.program.getResolvedModule(this.#entrySource, name, mode);
  }

  /**
   * @param {string[]} names of modules that a cell imports
   * @returns {import('typescript').SourceFile[]} those of them that are compiled with the cells, with all of that kind that
   *   they import; declarations and packages are not
   */
  sourcesOf(names) {
    /** @type {Set<import('typescript').SourceFile>} */
    const sources = new Set();
    /** @param {Internal} found */
    const add = (found) => {
      const name = found?.resolvedModule?.resolvedFileName;
      const file = name === undefined ? undefined : this.program.getSourceFile(name);
      if (file !== undefined && this.#isCompiled(file)) sources.add(file);
    };
    for (const name of names) add(this.resolved(name));
    // A set goes on with what is added during the loop.
    for (const file of sources) this.#importsOf(file).forEach(({ found }) => add(found));
    return [...sources];
  }

  /**
   * @param {import('typescript').SourceFile} file that is compiled with the cells
   * @returns {string[]} names of the packages that it imports
   */
  packagesOf(file) {
    return this.#importsOf(file)
      .map(({ name }) => name)
      .filter((name) => !/^[./]/.test(name));
  }

  /**
   * Reads what is documented of something that a package declares, before somebody asks the compiler for it.
   * @param {import('typescript').Node} declaration
   */
  document(declaration) {
    const file = declaration.getSourceFile();
    if (!isInstalled(file.fileName)) return;
    const whole =
      this.#documented.get(file) ??
      ts.createSourceFile(file.fileName, file.text, ts.ScriptTarget.ES2022, true);
    this.#documented.set(file, whole);
    // A variable's comment is that of its statement.
    for (let node = declaration; !ts.isSourceFile(node); node = node.parent) {
      const { jsDoc } = /** @type {Internal} */ (sameNode(whole, node)) ?? {};
      if (jsDoc === undefined) continue;
      // Names in the comment are looked for from where it stands now.
      for (const comment of jsDoc) comment.parent = node;
      Object.assign(node, { jsDoc, jsDocCache: undefined });
    }
  }

  /** @param {import('typescript').SourceFile} file */
  #isCompiled(file) {
    return (
      !file.isDeclarationFile && !isInstalled(file.fileName) && !file.fileName.endsWith('.json')
    );
  }

  /**
   * @param {Internal} file
   * @returns {{ name: string, found: Internal }[]}
   */
  #importsOf(file) {
    return file.imports.map((/** @type {import('typescript').StringLiteral} */ literal) => {
      const mode = this.program.getModeForUsageLocation(file, literal);
      return {
        name: literal.text,
        found: this.program.getResolvedModule(file, literal.text, mode),
      };
    });
  }

  /** Whether a file that is compiled with the cells, and is not of `dist`, is another than the compiler has read. */
  #isEdited() {
    return [...this.#files].some(
      ([name, { stamp }]) => this.#isLoose(name) && stamp !== stampOf(name),
    );
  }

  /** Whether there is now what such a file imports and there was not. */
  #hasAppeared() {
    return [...this.#files].some(([name, { file }]) => {
      if (!this.#isLoose(name) || file.isDeclarationFile) return false;
      if (this.#program?.getSourceFile(name) !== file) return false;
      return this.#importsOf(file).some(
        ({ name: imported, found }) =>
          found?.resolvedModule === undefined && this.#resolve(imported, name).resolvedModule,
      );
    });
  }

  /** @param {string} name */
  #isLoose(name) {
    return !isInstalled(name) && !name.startsWith(distOf(this.#root) + path.sep);
  }

  #sourceOfEntry() {
    const imports = [...this.#names].map((name) => `import ${JSON.stringify(name)};\n`).join('');
    return this.#parse(this.#entry, `${imports}${this.#augmentations}export {};\n`);
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #parse(name, text) {
    return ts.createSourceFile(name, text, {
      languageVersion: ts.ScriptTarget.ES2022,
      // Half of what packages declare is comments, which take longer to read than the rest: see `document`.
      jsDocParsingMode: isInstalled(name)
        ? ts.JSDocParsingMode.ParseNone
        : ts.JSDocParsingMode.ParseAll,
      setExternalModuleIndicator: /** @type {Internal} */ (ts).getSetExternalModuleIndicator(
        this.options,
      ),
    });
  }

  #createProgram() {
    const host = this.#host;
    return ts.createProgram([this.#entry], this.options, host, this.#program ?? undefined);
  }

  /** @returns {import('typescript').CompilerHost} */
  #createHost() {
    const host = ts.createCompilerHost(this.options);
    const { fileExists, readFile } = host;
    return Object.assign(host, {
      getCurrentDirectory: () => this.#root,
      fileExists: (/** @type {string} */ name) => this.#written.has(name) || fileExists(name),
      readFile: (/** @type {string} */ name) => this.#written.get(name) ?? readFile(name),
      getSourceFile: (/** @type {string} */ name) => {
        if (name === this.#entry) return this.#entrySource;
        const stamp = isInstalled(name) ? '' : (this.#written.get(name) ?? stampOf(name));
        const known = this.#files.get(name);
        if (known !== undefined && known.stamp === stamp) return known.file;
        const text = host.readFile(name);
        if (text === undefined) return undefined;
        const file = this.#parse(name, text);
        this.#files.set(name, { stamp, file });
        return file;
      },
      ...this.#resolution(),
    });
  }

  /**
   * How imports are resolved: those below `src` to the declarations in `dist`, so that the library's sources are neither
   * read nor checked.
   */
  #resolution() {
    return {
      /** @type {NonNullable<import('typescript').CompilerHost['resolveModuleNameLiterals']>} */
      resolveModuleNameLiterals: (literals, importer, redirected) =>
        literals.map(({ text }) => this.#resolve(text, importer, redirected)),
      /** @type {NonNullable<import('typescript').CompilerHost['resolveTypeReferenceDirectiveReferences']>} */
      resolveTypeReferenceDirectiveReferences: (references, importer, redirected, options) =>
        references.map((reference) => {
          const name = typeof reference === 'string' ? reference : reference.fileName;
          // A browser's, which tfjs-core names and nothing here has: 100 KB of declarations.
          if (name === cellGlobals) return { resolvedTypeReferenceDirective: globalsOfCells };
          if (/^@webgpu\/types\b/.test(name)) return { resolvedTypeReferenceDirective: undefined };
          return ts.resolveTypeReferenceDirective(name, importer, options, this.#host, redirected);
        }),
      hasInvalidatedResolutions: (/** @type {string} */ file) =>
        this.#isLoose(file) || (this.#isBuiltAnew && !isInstalled(file)),
    };
  }

  /** @type {import('typescript').ModuleResolutionCache | undefined} */
  #cache;

  /**
   * @param {string} name
   * @param {string} importer
   * @param {import('typescript').ResolvedProjectReference} [redirected]
   * @returns {import('typescript').ResolvedModuleWithFailedLookupLocations}
   */
  #resolve(name, importer, redirected) {
    if (importer !== this.#entry) return this.#resolveFrom(name, importer, redirected);
    // As if the cell stood in the notebook's folder, else at the root.
    const all = this.#folders.map((folder) =>
      this.#resolveFrom(name, path.join(folder, path.basename(importer)), redirected),
    );
    return all.find(({ resolvedModule }) => resolvedModule !== undefined) ?? all[0];
  }

  /**
   * @param {string} name
   * @param {string} importer
   * @param {import('typescript').ResolvedProjectReference} [redirected]
   */
  #resolveFrom(name, importer, redirected) {
    const isPath = name.startsWith('.');
    const file = builtPath(path.resolve(path.dirname(importer), name), this.#root);
    const declarations = `${file}${ts.Extension.Dts}`;
    const isDeclared = isInstalled(importer) || file.startsWith(distOf(this.#root) + path.sep);
    if (isPath && isDeclared && this.#host.fileExists(declarations)) {
      // Most names by far, and found at once: the compiler would look for three other files first.
      const isExternalLibraryImport = isInstalled(importer);
      const extension = ts.Extension.Dts;
      const found = { resolvedFileName: declarations, extension, isExternalLibraryImport };
      return { resolvedModule: found };
    }
    this.#cache ??= ts.createModuleResolutionCache(this.#root, (one) => one);
    const known = isInstalled(importer) ? this.#cache : undefined;
    const find = (/** @type {string} */ from) =>
      ts.resolveModuleName(isPath ? file : name, from, this.options, this.#host, known, redirected);
    const there = find(importer);
    // Its engine is not installed beside the npm package.
    const isElsewhere = there.resolvedModule === undefined && name.startsWith('@tensorflow/');
    return isElsewhere ? find(path.join(engineFolder, path.basename(importer))) : there;
  }
}

/**
 * @param {import('typescript').Node} within another reading of the same text
 * @param {import('typescript').Node} node
 * @returns {import('typescript').Node | undefined}
 */
function sameNode(within, { kind, pos, end }) {
  /** @type {import('typescript').Node | undefined} */
  let found = within;
  while (found && (found.kind !== kind || found.pos !== pos || found.end !== end)) {
    found = ts.forEachChild(found, (child) =>
      child.pos <= pos && end <= child.end ? child : undefined,
    );
  }
  return found;
}
