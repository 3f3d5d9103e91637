/**
 * @param {typeof import('typescript')} ts
 * @returns {typeof import('typescript')} the same compiler, set up for the lab when tslab uses it
 */
export function withLabSettings(ts) {
  /** @type {any} has a function that only tslab's build of the compiler has */
  const { getPreEmitDiagnosticsOfFiles } = ts;
  return /** @type {any} */ ({
    ...ts,
    // As strict as the library's own check: without it some of the library's inferred types differ.
    createWatchCompilerHost: (
      /** @type {any} */ files,
      /** @type {any} */ options,
      /** @type {[any]} */ ...rest
    ) => ts.createWatchCompilerHost(files, { ...options, strict: true }, ...rest),
    // tslab forgets the file of an error that is explained in several lines; in one it does not.
    getPreEmitDiagnosticsOfFiles: (/** @type {unknown[]} */ ...args) =>
      getPreEmitDiagnosticsOfFiles(...args).map(
        (/** @type {import('typescript').Diagnostic} */ diagnostic) => ({
          ...diagnostic,
          messageText: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
        }),
      ),
  });
}
