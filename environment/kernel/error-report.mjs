import { inspect, types } from 'node:util';
import { TypeScriptError } from './compile-errors.mjs';
import { Interrupted } from './interrupted.mjs';
import { translatePositions } from './source-positions.mjs';

/** @typedef {{ ename: string, evalue: string, traceback: string[] }} ErrorReport */

/** Frames of what runs a cell, of no use to who wrote it. */
const machinery =
  /node_modules\/(?:@tslab|tslab)\/|environment\/kernel\/|\(?(?:node:[\w/]+:\d+:\d+|native|<anonymous>)\)?$/;

/** Where Node thinks that an exception left a script: the place, the compiled line and a marker. */
const arrow = /^\S+:\d+\n.*\n\s*\^+\n+/;

/**
 * @param {unknown} error anything that can be thrown
 * @returns {ErrorReport} as Jupyter's protocol has it
 */
export function reportError(error) {
  try {
    return describe(error);
  } catch {
    const text = 'a value that throws when it is looked at';
    return { ename: 'Thrown', evalue: text, traceback: [`Thrown: ${text}`] };
  }
}

/**
 * @param {unknown} error
 * @returns {ErrorReport}
 */
function describe(error) {
  if (error instanceof TypeScriptError) {
    return { ename: error.name, evalue: error.message, traceback: error.traceback };
  }
  if (isInterruption(error)) {
    const { name, message } = new Interrupted();
    return { ename: name, evalue: message, traceback: [`${name}: ${message}`] };
  }
  const text = inspect(error, { colors: false }).replace(arrow, '');
  if (!types.isNativeError(error)) {
    return { ename: 'Thrown', evalue: text, traceback: [`Thrown: ${text}`] };
  }
  const lines = text
    .split('\n')
    .filter((line) => !(line.trimStart().startsWith('at ') && machinery.test(line)));
  return { ename: error.name, evalue: error.message, traceback: translatePositions(lines) };
}

/** @param {unknown} error */
export function isInterruption(error) {
  if (types.isProxy(error)) return false;
  if (error instanceof Interrupted) return true;
  if (!types.isNativeError(error)) return false;
  const code = Object.getOwnPropertyDescriptor(error, 'code')?.value; // runs no getter
  return code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'; // of synchronous code, by Node
}
