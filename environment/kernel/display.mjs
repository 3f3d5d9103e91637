// Display from a cell, for code that knows nothing of Jupyter's protocol:
//
//   globalThis[Symbol.for('stfpm.display')](bundle, update)
//
// shows a MIME bundle under the running cell, or with `update` replaces what was shown under the
// same `transient.display_id`. The function is there only inside the kernel.
//
//   globalThis[Symbol.for('stfpm.clear')](wait)
//
// removes what the running cell has shown and printed so far; with `wait` it stays until there is
// something new, so that nothing flickers.
//
//   globalThis[Symbol.for('stfpm.signal')]
//
// is the AbortSignal of the running cell, which aborts when the cell is interrupted; undefined
// outside of a cell.
//
// For those who write cells there are `display`, `clearOutput` and `html` (see globals.d.ts).
import { cellContext } from './cell.mjs';
import { executeResult } from './execute-result.mjs';
import { html } from './rich-values.mjs';
import { withTextBytes } from './text-bytes.mjs';
import { jupyter } from './tslab.mjs';

/**
 * @typedef {object} DisplayBundle
 * @property {Record<string, unknown>} data by MIME type: text, JSON objects, or bytes
 * @property {Record<string, unknown>} [metadata]
 * @property {{ display_id?: string }} [transient]
 */

/** @param {() => import('./cell.mjs').Cell | null} latestCell */
export function installDisplay(latestCell) {
  const currentCell = () => cellContext.getStore() ?? latestCell();
  /** @type {(bundle: DisplayBundle, update: boolean) => void} */
  const display = ({ data, metadata = {}, transient = {} }, update) =>
    currentCell()?.output.display({ data: withTextBytes(data), metadata, transient }, update);
  /** @param {boolean} [wait] */
  const clear = (wait = false) => currentCell()?.output.clear(wait);
  /** @param {unknown[]} values */
  const displayValues = async (...values) => {
    const cell = currentCell();
    for (const value of values) {
      // As text a string needs no quotes here.
      const result =
        typeof value === 'string' ? { data: { 'text/plain': value } } : executeResult(value);
      const shown = result instanceof Promise ? await result : result;
      cell?.output.display({ metadata: {}, transient: {}, ...shown }, false);
    }
  };
  /** @param {{ wait?: boolean }} [options] */
  const clearOutput = ({ wait = true } = {}) => clear(wait);
  for (const [name, value] of Object.entries({ display: displayValues, clearOutput, html })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
  Object.defineProperties(globalThis, {
    [Symbol.for('stfpm.display')]: { value: display },
    [Symbol.for('stfpm.clear')]: { value: clear },
    [Symbol.for('stfpm.signal')]: { get: () => cellContext.getStore()?.takeSignal() },
  });
  // The same for tslab's own `display`.
  jupyter.lastWriteDisplayData = display;
}
