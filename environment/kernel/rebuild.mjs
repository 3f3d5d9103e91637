import { withLock } from '../../src/lib/files/process-lock.js';
import { build } from '../build/build.mjs';
import { buildState } from '../build/state.mjs';
import { lockFile } from '../setup/paths.mjs';

/**
 * Has `src` compiled again where it was edited.
 *
 * @param {string} root the checkout
 * @param {{ signal: AbortSignal, onBegin: (reason: string) => void }} options
 * @returns {Promise<import('../build/state.mjs').BuildError[]>} what keeps it from being compiled
 */
export async function bringUpToDate(root, { signal, onBegin }) {
  const state = buildState(root);
  if (state.status === 'current') return [];
  if (state.status === 'broken') return state.errors;
  onBegin(state.reason);
  const built = withLock(
    lockFile,
    () => build(root, signal),
    () => {}, // a set-up, or a command that builds
  );
  const stopped = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([built, stopped]);
}
