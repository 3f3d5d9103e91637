import { inspect, types } from 'node:util';
import { describeArray } from './describe-arrays.mjs';
import { withTextBytes } from './display.mjs';
import { reportError } from './error-report.mjs';

/** A value with a method of this name says itself how it is shown; other libraries follow it too. */
const displaySymbol = Symbol.for('Jupyter.display');
/** A method of this name gives the metadata that goes with the bundle, such as a picture's size. */
const metadataSymbol = Symbol.for('stfpm.display.metadata');
/**
 * Libraries may leave functions in a list of this name on the global object, which make of a plain
 * object one that says itself how it is shown, or null where they do not know it.
 */
const displayersSymbol = Symbol.for('stfpm.displayers');

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
      const metadata = shown[metadataSymbol]?.();
      return { data: withTextBytes(data), metadata: metadata ?? {} };
    }
  }
  const text = describeArray(value) ?? textOf(value);
  return { data: { 'text/plain': text }, metadata: {} };
}

/** @param {unknown} value an error with the lines of its sources, as one that fails a cell has them */
function textOf(value) {
  return types.isNativeError(value)
    ? reportError(value).traceback.join('\n')
    : inspect(value, { colors: false });
}

/** @param {unknown} value the value itself, or what stands for it; null if it is plain */
function displayable(value) {
  if (canShowItself(value)) return value;
  if (typeof value !== 'object' || value === null) return null;
  const displayers = /** @type {any} */ (globalThis)[displayersSymbol] ?? [];
  for (const displayer of displayers) {
    const found = displayer(value);
    if (canShowItself(found)) return found;
  }
  return null;
}

/** @param {unknown} value */
function canShowItself(value) {
  return typeof (/** @type {any} */ (value)?.[displaySymbol]) === 'function';
}
