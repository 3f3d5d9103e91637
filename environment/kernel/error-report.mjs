import { inspect, stripVTControlCharacters, types } from 'node:util';
import { sourceLine, TypeScriptError } from './compile-errors.mjs';
import { Interrupted } from './interrupted.mjs';
import { paint } from './paint.mjs';
import { sourceFrame } from './source-positions.mjs';

/** @typedef {{ ename: string, evalue: string, traceback: string[] }} ErrorReport the traceback in colours */

/** Frames of what runs a cell, of no use to who wrote it. */
const machinery =
  /^\s*at (?:.* \()?(?:async )?(?:\S*node_modules\/(?:@tslab|tslab)\/.*|(?:file:\/\/)?\/\S*environment\/kernel\/[\w-]+\.mjs:.*|node:[\w/]+:\d+:\d+|native|<anonymous>)\)?$/;

/** Errors that caused errors are shown so deep. */
const deepestCause = 8;

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
 * @returns {string} the same without colours
 */
export function errorText(error) {
  return stripVTControlCharacters(reportError(error).traceback.join('\n'));
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
    return { ename: name, evalue: message, traceback: [`${paint.name(name)}: ${message}`] };
  }
  if (!types.isNativeError(error)) {
    const text = inspect(error, { colors: false });
    return { ename: 'Thrown', evalue: text, traceback: [`${paint.name('Thrown')}: ${text}`] };
  }
  const { message } = error;
  return { ename: nameOf(error), evalue: String(message), traceback: describeError(error, 0) };
}

/**
 * @param {Error} error
 * @param {number} depth how many errors it has caused
 * @returns {string[]} lines
 */
function describeError(error, depth) {
  const name = nameOf(error);
  const message = String(error.message);
  const lines = `${paint.name(name)}${message === '' ? '' : `: ${message}`}`.split('\n');
  const trace = stackOf(error, message);
  const frames = trace.map((line) => ({ line, frame: sourceFrame(line) }));
  // Where it was thrown, and where the cell has called what has thrown it.
  const known = frames.flatMap(({ frame }) => (frame?.source ? [frame] : []));
  const shown = new Set([known[0], known.find(({ isCell }) => isCell)]);
  for (const { line, frame } of withoutRepetition(frames)) {
    if (frame === null) continue;
    lines.push(frame === undefined ? line : frameText(frame));
    if (frame && shown.delete(frame)) lines.push(sourceLine(frame.source ?? '', frame.column));
  }
  lines.push(...propertiesOf(error));
  const causes = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  for (const cause of causes.filter((one) => one !== undefined)) {
    const text =
      types.isNativeError(cause) && depth < deepestCause
        ? describeError(cause, depth + 1)
        : inspect(cause, { colors: false }).split('\n');
    lines.push(...text.map((line, i) => (i === 0 ? `  because of ${line}` : `  ${line}`)));
  }
  return lines;
}

/** @param {import('./source-positions.mjs').Frame} frame */
function frameText({ caller, place }) {
  return caller === ''
    ? `    at ${paint.place(place)}`
    : `    at ${caller} (${paint.place(place)})`;
}

/** @param {Error} error */
function nameOf(error) {
  const name = String(error.name);
  const constructor = error.constructor?.name;
  return name === 'Error' && constructor ? constructor : name;
}

/**
 * @param {Error} error
 * @param {string} message
 * @returns {string[]} the lines of its stack that are the reader's
 */
function stackOf(error, message) {
  const { stack } = error;
  if (typeof stack !== 'string') return [];
  // Lines of the message may look like those of a stack.
  const after = message === '' ? 0 : stack.indexOf(message) + message.length;
  return stack
    .slice(Math.max(0, after))
    .split('\n')
    .filter((line) => /^\s*at /.test(line) && !machinery.test(line));
}

/**
 * @template {{ line: string }} T
 * @param {T[]} frames
 * @returns {(T | { line: string, frame: undefined })[]} what a function that calls itself repeats is told once
 */
function withoutRepetition(frames) {
  /** @type {(T | { line: string, frame: undefined })[]} */
  const kept = [];
  for (let i = 0; i < frames.length; i++) {
    kept.push(frames[i]);
    let times = 0;
    while (frames[i + 1]?.line === frames[i].line) {
      times++;
      i++;
    }
    if (times > 0) kept.push({ line: `    ... the same ${times} more times`, frame: undefined });
  }
  return kept;
}

/**
 * @param {Error} error
 * @returns {string[]} what else there is to it, such as a code
 */
function propertiesOf(error) {
  const own = Object.entries(error).filter(
    ([name]) => !['name', 'message', 'stack'].includes(name),
  );
  return own.length === 0 ? [] : `  ${inspect(Object.fromEntries(own))}`.split('\n');
}

/** @param {unknown} error */
export function isInterruption(error) {
  if (types.isProxy(error)) return false;
  if (error instanceof Interrupted) return true;
  if (!types.isNativeError(error)) return false;
  const code = Object.getOwnPropertyDescriptor(error, 'code')?.value; // runs no getter
  return code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'; // of synchronous code, by Node
}
