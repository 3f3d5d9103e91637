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
import { cellContext } from './cell.mjs';
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
  Object.defineProperties(globalThis, {
    [Symbol.for('stfpm.display')]: { value: display },
    [Symbol.for('stfpm.clear')]: { value: clear },
    [Symbol.for('stfpm.signal')]: { get: () => cellContext.getStore()?.takeSignal() },
  });
  // The same for tslab's own `display`.
  jupyter.lastWriteDisplayData = display;
}

/**
 * @param {Record<string, unknown>} data
 * @returns {Record<string, unknown>} with bytes as base64, as Jupyter's protocol wants them
 */
export function withTextBytes(data) {
  const entries = Object.entries(data).map(([mime, value]) => [
    mime,
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  ]);
  return Object.fromEntries(entries);
}
