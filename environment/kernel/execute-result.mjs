import { createRequire } from 'node:module';
import { inspect, types } from 'node:util';
import { distOf } from '../build/state.mjs';
import { root } from '../setup/paths.mjs';
import { describeArray } from './describe-arrays.mjs';
import { richData } from './rich-values.mjs';
import { withTextBytes } from './text-bytes.mjs';
import { errorText } from './error-report.mjs';

const require = createRequire(import.meta.url);

/** A value with a method of this name says itself how it is shown; other libraries follow it too. */
const displaySymbol = Symbol.for('Jupyter.display');
/** A method of this name gives the metadata that goes with the bundle, such as a picture's size. */
const metadataSymbol = Symbol.for('stfpm.display.metadata');
/** @typedef {{ data: Record<string, unknown>, metadata: Record<string, unknown> }} Bundle */

/**
 * @param {unknown} value the value of a cell's last expression
 * @returns {Bundle | Promise<Bundle>} the MIME bundle that its method gives, else what is known of such values, else its
 *   text
 */
export function executeResult(value) {
  const shown = /** @type {any} */ (displayable(value));
  if (shown === null) return plainResult(value);
  /** @param {unknown} data */
  const result = (data) => {
    if (data === null || typeof data !== 'object') return plainResult(value);
    return bundle(/** @type {Record<string, unknown>} */ (data), shown[metadataSymbol]?.() ?? {});
  };
  const data = shown[displaySymbol]();
  return types.isPromise(data) ? data.then(result) : result(data);
}

/**
 * @param {Record<string, unknown>} data
 * @param {Record<string, unknown>} metadata
 * @returns {Bundle}
 * @throws where it is nothing that the protocol can carry
 */
function bundle(data, metadata) {
  const result = { data: withTextBytes(data), metadata };
  JSON.stringify(result);
  return result;
}

/**
 * @param {unknown} value
 * @returns {Bundle}
 */
function plainResult(value) {
  const rich = richData(value);
  if (rich !== null) {
    try {
      return bundle(rich, {});
    } catch {
      // A specification with a circle or such in it is an object like any other.
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
