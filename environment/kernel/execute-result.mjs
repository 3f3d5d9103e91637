import { inspect } from 'node:util';
import { withTextBytes } from './display.mjs';

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
  const shown = /** @type {any} */ (value);
  if (typeof shown?.[displaySymbol] === 'function') {
    const data = await shown[displaySymbol]();
    if (data !== null && typeof data === 'object') {
      const metadata = shown[metadataSymbol]?.();
      return { data: withTextBytes(data), metadata: metadata ?? {} };
    }
  }
  return { data: { 'text/plain': inspect(value, { colors: false }) }, metadata: {} };
}
