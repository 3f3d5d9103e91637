import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { distOf, stampFileOf } from '../build/state.mjs';
import { engineFolder, root } from '../setup/paths.mjs';
import { builtPath } from './built-modules.mjs';
import { folders } from './notebook-folder.mjs';
import { watchFile } from './watched-files.mjs';

/** The name by which the compiler asks for what every cell has. */
const cellGlobals = 'cell-globals';
const globalsOfCells = {
  primary: true,
  resolvedFileName: fileURLToPath(new URL('./globals.d.ts', import.meta.url)),
};

/**
 * @param {typeof import('typescript')} ts
 * @returns {typeof import('typescript')} the same compiler, set up for the lab when tslab uses it
 */
export function withLabSettings(ts) {
  // What becomes of names that are not found is looked at again for each cell; see below.
  const watchDirectory = () => ({ close: () => {} });
  return /** @type {any} */ ({
    ...ts,
    // tslab takes the working directory for the root of all that it compiles.
    sys: { ...ts.sys, watchFile, watchDirectory, getCurrentDirectory: () => root },
    createWatchCompilerHost: (
      /** @type {any} */ files,
      /** @type {any} */ options,
      /** @type {any} */ system,
      /** @type {unknown} */ _createProgram,
      /** @type {[any]} */ ...rest
    ) => {
      // As strict as the library's own check: without it some of the library's inferred types differ.
      // Of the packages with global types, those of Node alone are there for a cell.
      const settings = { ...options, strict: true, types: ['node', cellGlobals] };
      const host = ts.createWatchCompilerHost(files, settings, system, lightBuilder(ts), ...rest);
      return Object.assign(host, resolveToBuilt(ts, host));
    },
    getPreEmitDiagnosticsOfFiles: diagnosticsOf(ts),
  });
}

/** @type {import('typescript').Program | null} */
let latest = null;

/**
 * The program of the cell that the compiler has seen last, and how long what tslab puts before the cell is.
 *
 * @returns {{ program: import('typescript').Program, cell: import('typescript').SourceFile, prefix: number } | null}
 */
export function latestProgram() {
  const cell = latest?.getSourceFile(path.join(root, '__tslab__.ts'));
  return latest && cell ? { program: latest, cell, prefix: cell.text.indexOf('\n') + 1 } : null;
}

/**
 * Makes the compiler's program of each cell without the record of what depends on what, which the
 * compiler keeps to find what an edit affects, and which costs more than the check of a cell. All
 * that tslab asks of it is what a cell imports.
 *
 * @param {typeof import('typescript')} ts
 * @returns {import('typescript').CreateProgram<import('typescript').BuilderProgram>}
 */
function lightBuilder(ts) {
  /** @type {any} has functions and members that only the compiler itself uses */
  const { bindSourceFile, getResolvedModule } = ts;
  return (names, options, host, old, problems, references) => {
    const builder = ts.createAbstractBuilder(names, options, host, old, problems, references);
    const program = builder.getProgram();
    latest = program;
    // tslab reads the variables of a cell and of those before it, before it has anything checked.
    for (const file of program.getSourceFiles()) {
      if (path.dirname(file.fileName) === root) bindSourceFile(file, program.getCompilerOptions());
    }
    /** @param {import('typescript').SourceFile} file */
    const getAllDependencies = (file) => {
      const found = new Set([file.fileName]);
      // A set goes on with what is added during the loop.
      for (const name of found) {
        const one = /** @type {any} */ (program.getSourceFile(name));
        if (one === undefined || one.isDeclarationFile) continue;
        for (const { text } of one.imports) {
          const imported = getResolvedModule(one, text)?.resolvedFileName;
          if (imported !== undefined) found.add(imported);
        }
      }
      return [...found];
    };
    return Object.assign(builder, { getAllDependencies });
  };
}

/**
 * How imports are resolved: those below `src` to the declarations in `dist`, so that the library's
 * sources are neither read nor checked.
 *
 * @param {typeof import('typescript')} ts
 * @param {import('typescript').ModuleResolutionHost} host
 * @returns {Partial<import('typescript').CompilerHost> & { hasInvalidatedResolutions(file: string): boolean }}
 */
function resolveToBuilt(ts, host) {
  const cache = ts.createModuleResolutionCache(root, (name) => name);
  const dist = distOf(root) + path.sep;
  const isInstalled = (/** @type {string} */ file) => file.includes('/node_modules/');
  // What is asked for again in the next program: names that were not found, what files outside of
  // `src` import, which may come and go between two cells, and after a build what `dist` imports.
  /** @type {Set<string>} */
  const unsettled = new Set();
  /** @type {Set<string>} */
  const built = new Set();
  watchFile(stampFileOf(root), () => built.forEach((file) => unsettled.add(file)));

  /** @type {(name: string, importer: string, ...rest: [any, any]) => any} */
  const resolve = (name, importer, options, redirected) => {
    if (name.startsWith('.') && isCell(importer)) {
      // As if it stood in the notebook's folder, else at the root.
      const all = folders.map((folder) =>
        resolveFrom(name, path.join(folder, path.basename(importer)), options, redirected),
      );
      return all.find(({ resolvedModule }) => resolvedModule !== undefined) ?? all[0];
    }
    return resolveFrom(name, importer, options, redirected);
  };
  /** @type {typeof resolve} */
  const resolveFrom = (name, importer, options, redirected) => {
    const isPath = name.startsWith('.');
    const file = builtPath(path.resolve(path.dirname(importer), name), root);
    const declarations = `${file}${ts.Extension.Dts}`;
    const isDeclared = isInstalled(importer) || file.startsWith(dist);
    if (isPath && isDeclared && host.fileExists(declarations)) {
      // Most names by far, and found at once: the compiler would look for three other files first.
      const isExternalLibraryImport = isInstalled(importer);
      const extension = ts.Extension.Dts;
      const found = { resolvedFileName: declarations, extension, isExternalLibraryImport };
      return { resolvedModule: found };
    }
    const known = isInstalled(importer) ? cache : undefined;
    const find = (/** @type {string} */ from) =>
      ts.resolveModuleName(isPath ? file : name, from, options, host, known, redirected);
    const found = find(importer);
    // Its engine is not installed beside the npm package.
    const isElsewhere = found.resolvedModule === undefined && name.startsWith('@tensorflow/');
    return isElsewhere ? find(path.join(engineFolder, path.basename(importer))) : found;
  };
  return {
    resolveModuleNameLiterals: (literals, importer, redirected, options) => {
      const found = literals.map(({ text }) => resolve(text, importer, options, redirected));
      unsettled.delete(importer);
      if (importer.startsWith(dist)) built.add(importer);
      else if (!isInstalled(importer) && isUnsettled(importer, found)) unsettled.add(importer);
      return found;
    },
    resolveTypeReferenceDirectiveReferences: (references, importer, redirected, options) =>
      references.map((reference) => {
        const name = typeof reference === 'string' ? reference : reference.fileName;
        // A browser's, which tfjs-core names and nothing here has: 100 KB of declarations.
        if (name === cellGlobals) return { resolvedTypeReferenceDirective: globalsOfCells };
        if (name === '@webgpu/types') return { resolvedTypeReferenceDirective: undefined };
        return ts.resolveTypeReferenceDirective(name, importer, options, host, redirected);
      }),
    hasInvalidatedResolutions: (file) => unsettled.has(file),
  };
}

/** @param {string} file */
function isCell(file) {
  return path.dirname(file) === root && path.basename(file).startsWith('__');
}

/**
 * @param {string} importer a cell or a file that is neither installed nor built
 * @param {import('typescript').ResolvedModuleWithFailedLookupLocations[]} found
 */
function isUnsettled(importer, found) {
  return !isCell(importer) || found.some(({ resolvedModule }) => resolvedModule === undefined);
}

/**
 * tslab asks for the errors of a cell and of every file that it imports, again for each cell. Here
 * an imported file in which there were none is not checked again while it stays the same.
 *
 * @param {typeof import('typescript')} ts
 */
function diagnosticsOf(ts) {
  /** @type {any} has a function that only tslab's build of the compiler has */
  const { getPreEmitDiagnosticsOfFiles } = ts;
  /** @type {WeakSet<object>} */
  const withoutErrors = new WeakSet();
  return (/** @type {unknown} */ program, /** @type {object[]} */ [cell, ...imported]) => {
    const files = [cell, ...imported.filter((file) => !withoutErrors.has(file))];
    /** @type {import('typescript').Diagnostic[]} */
    const diagnostics = [...getPreEmitDiagnosticsOfFiles(program, files)];
    const withErrors = new Set(diagnostics.map(({ file }) => file));
    for (const file of imported) {
      if (!withErrors.has(/** @type {any} */ (file))) withoutErrors.add(file);
    }
    const [untyped, errors] = [true, false].map((is) =>
      diagnostics.filter(
        ({ code, file }) => is === (code === untypedCode && isCell(file?.fileName ?? '')),
      ),
    );
    for (const { messageText } of untyped)
      noteUntyped(ts.flattenDiagnosticMessageText(messageText, '\n'));
    // tslab forgets the file of an error that is explained in several lines; in one it does not.
    return errors.map((diagnostic) => ({
      ...diagnostic,
      messageText: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
    }));
  };
}

/** The compiler's number for the import of a package that has no types. */
const untypedCode = 7016;

/** @type {string[]} what is to be told of the cell that was converted last */
const notes = [];
/** Packages that the reader knows of. */
const told = new Set();

/** @param {string} message */
function noteUntyped(message) {
  const name = /for module '([^']+)'/.exec(message)?.[1];
  if (name === undefined || told.has(name)) return;
  told.add(name);
  const advice = /npm i --save-dev [^`]+/.exec(message)?.[0];
  notes.push(
    `${name} has no types: all that comes from it is \`any\`.${advice ? ` Perhaps \`${advice}\` has them.` : ''}\n`,
  );
}

/** @returns {string[]} each once */
export function takeNotes() {
  return notes.splice(0);
}
