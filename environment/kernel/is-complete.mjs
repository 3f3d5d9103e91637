import { ts } from './tslab.mjs';

/**
 * @param {string} code a cell's
 * @param {{ status: string }} reply tslab's, which takes for complete what is merely wrong
 * @returns {{ status: string }} the same, or `invalid` where the code has syntax errors
 */
export function orInvalid(code, reply) {
  if (reply.status !== 'complete') return reply;
  const file = ts.createSourceFile('cell.tsx', code, ts.ScriptTarget.Latest);
  /** @type {{ parseDiagnostics?: unknown[] }} */
  const { parseDiagnostics = [] } = /** @type {any} */ (file);
  return parseDiagnostics.length > 0 ? { status: 'invalid' } : reply;
}
