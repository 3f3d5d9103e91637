/** Where the lab's notebook kernel keeps the signal of the cell that is running. */
const CELL_SIGNAL = Symbol.for('stfpm.signal');

/**
 * Aborts when the running notebook cell is interrupted: a training that is given it saves before the cell ends.
 * Undefined outside the lab's kernel.
 */
export function cellSignal(): AbortSignal | undefined {
  return (globalThis as Record<symbol, unknown>)[CELL_SIGNAL] as AbortSignal | undefined;
}
