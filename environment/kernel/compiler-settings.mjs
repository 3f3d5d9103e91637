import { watchFile } from './watched-files.mjs';

/**
 * @param {typeof import('typescript')} ts
 * @returns {typeof import('typescript')} the same compiler, set up for the lab when tslab uses it
 */
export function withLabSettings(ts) {
  return /** @type {any} */ ({
    ...ts,
    sys: { ...ts.sys, watchFile },
    // As strict as the library's own check: without it some of the library's inferred types differ.
    createWatchCompilerHost: (
      /** @type {any} */ files,
      /** @type {any} */ options,
      /** @type {any} */ system,
      /** @type {[any]} */ ...rest
    ) =>
      ts.createWatchCompilerHost(
        files,
        { ...options, strict: true },
        withOneTimer(system),
        ...rest,
      ),
    getPreEmitDiagnosticsOfFiles: diagnosticsOf(ts),
  });
}

/**
 * tslab holds one timer of the compiler's, the one that updates the program, and fails at a second,
 * which the compiler sets where a folder is made or removed. That one only brings forward what each
 * update does by itself: it is not needed.
 *
 * @param {any} system
 */
function withOneTimer(system) {
  const never = {};
  return Object.assign(Object.create(system), {
    setTimeout: (/** @type {Function} */ callback, /** @type {number} */ milliseconds) =>
      callback.name === 'invalidateResolutionsOfFailedLookup'
        ? never
        : system.setTimeout(callback, milliseconds),
    clearTimeout: (/** @type {unknown} */ timer) => {
      if (timer !== never) system.clearTimeout(timer);
    },
  });
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
    // tslab forgets the file of an error that is explained in several lines; in one it does not.
    return diagnostics.map((diagnostic) => ({
      ...diagnostic,
      messageText: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
    }));
  };
}
