// What TypeScript makes of `src`. This alone loads the compiler, in a thread of its own: it works
// without a pause, and takes hundreds of megabytes that are given back when it ends.
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import ts from 'typescript';

/** @typedef {import('./state.mjs').BuildError} BuildError */

/**
 * What is to be written, by path, TypeScript's record of the build among it; nothing where there are
 * errors.
 * @typedef {{ outputs: Map<string, string>, errors: BuildError[] }} Compiled
 */

parentPort?.postMessage(compile(workerData));

/**
 * Checks and compiles what has changed since the last build, as its record of that says.
 *
 * @param {string} checkout
 * @returns {Compiled}
 */
function compile(checkout) {
  const configFile = path.join(checkout, 'tsconfig.build.json');
  /** @type {import('typescript').Diagnostic[]} */
  const problems = [];
  const config = ts.getParsedCommandLineOfConfigFile(configFile, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => problems.push(problem),
  });
  if (config === undefined) return { outputs: new Map(), errors: toErrors(checkout, problems) };
  const { options, fileNames: rootNames, errors: configProblems } = config;
  const host = ts.createIncrementalCompilerHost(options);
  // As the command `tsc` has it: the descriptions in comments are left unread.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  const program = ts.createIncrementalProgram({
    rootNames,
    options,
    host,
    configFileParsingDiagnostics: configProblems,
  });
  problems.push(
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(),
  );
  if (problems.length === 0) {
    problems.push(...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics());
  }
  /** @type {Map<string, string>} */
  const outputs = new Map();
  if (problems.length === 0) {
    // Finds what a declaration file cannot express.
    problems.push(...program.emit(undefined, (file, text) => outputs.set(file, text)).diagnostics);
  }
  if (problems.length > 0) return { outputs: new Map(), errors: toErrors(checkout, problems) };
  return { outputs, errors: [] };
}

/**
 * @param {string} checkout
 * @param {readonly import('typescript').Diagnostic[]} problems
 * @returns {BuildError[]}
 */
function toErrors(checkout, problems) {
  return ts.sortAndDeduplicateDiagnostics(problems).map(({ file, start, messageText, code }) => {
    const message = `${ts.flattenDiagnosticMessageText(messageText, '\n')} (TS${code})`;
    if (file === undefined || start === undefined) return { file: '', line: 1, column: 1, message };
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const name = path.relative(checkout, file.fileName);
    return { file: name, line: line + 1, column: character + 1, message };
  });
}
