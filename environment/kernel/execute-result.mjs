import { createRequire } from 'node:module';
import { inspect, types } from 'node:util';
import { distOf } from '../build/state.mjs';
import { root } from '../setup/paths.mjs';
import { describeArray } from './describe-arrays.mjs';
import { withTextBytes } from './display.mjs';
import { errorText } from './error-report.mjs';

const require = createRequire(import.meta.url);

/** A value with a method of this name says itself how it is shown; other libraries follow it too. */
const displaySymbol = Symbol.for('Jupyter.display');
/** A method of this name gives the metadata that goes with the bundle, such as a picture's size. */
const metadataSymbol = Symbol.for('stfpm.display.metadata');
/**
 * @param {unknown} value the value of a cell's last expression
 * @returns {Promise<{ data: Record<string, unknown>, metadata: Record<string, unknown> }>} the MIME
 *   bundle that its method gives, else its text
 */
export async function executeResult(value) {
  const shown = /** @type {any} */ (displayable(value));
  if (shown !== null) {
    const data = await shown[displaySymbol]();
    if (data !== null && typeof data === 'object') {
      const metadata = shown[metadataSymbol]?.() ?? {};
      const bundle = { data: withTextBytes(data), metadata };
      JSON.stringify(bundle); // throws here, and fails the cell, for what the protocol cannot carry
      return bundle;
    }
  }
  const text = describeArray(value) ?? textOf(value);
  return { data: { 'text/plain': text }, metadata: {} };
}

/** @param {unknown} value an error with the lines of its sources, as one that fails a cell has them */
function textOf(value) {
  return types.isNativeError(value) ? errorText(value) : inspect(value, { colors: false });
}

/**
 * How the lab's plain objects are shown. Loaded with the first value that may be one, and asked for each
 * time, since after an edit it is another.
 *
 * @param {object} value
 * @returns {object | null}
 */
function displayerOf(value) {
  return require(`${distOf(root)}/viz/notebook/displayers/index.js`).displayerOf(value);
}

/** @param {unknown} value the value itself, or what stands for it; null if it is plain */
function displayable(value) {
  if (canShowItself(value)) return value;
  return typeof value === 'object' && value !== null ? displayerOf(value) : null;
}

/** @param {unknown} value */
function canShowItself(value) {
  return typeof (/** @type {any} */ (value)?.[displaySymbol]) === 'function';
}
