/** Where the lab's notebook kernel keeps its function that clears the output of the running cell. */
export const CLEAR_HOOK = Symbol.for('stfpm.clear');

export interface ClearOutputOptions {
  /** Whether the old output stays until there is a new one, so that nothing flickers. Default true. */
  wait?: boolean;
}

/**
 * Removes all that the running notebook cell has shown and printed so far. Does nothing outside the lab's kernel.
 * For one output that follows a process, among others that stay, there is `liveDisplay`.
 */
export function clearOutput({ wait = true }: ClearOutputOptions = {}): void {
  const clear = (globalThis as { [CLEAR_HOOK]?: unknown })[CLEAR_HOOK];
  if (typeof clear === 'function') clear(wait);
}
