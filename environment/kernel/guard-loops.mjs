import { insertAll } from './insert-all.mjs';
import { ts } from './tslab.mjs';

/**
 * Calls a function at the start of each round of loops in compiled code: `while (a) b();` becomes
 * `while (a) {guard();b();}`. What has no loop comes to its end by itself. No line's number changes.
 *
 * @param {string} js CommonJS
 * @param {string} guard the function's name
 * @param {'all' | 'awaiting'} which of the loops: all of them, or those alone that await something
 */
export function guardLoops(js, guard, which) {
  if (!(which === 'all' ? /\b(?:for|while)\b/ : /\bawait\b/).test(js)) return js;
  const file = ts.createSourceFile('module.js', js, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {import('./insert-all.mjs').Insertion[]} */
  const insertions = [];
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    const isGuarded = ts.isIterationStatement(node, false) && (which === 'all' || awaits(node));
    if (isGuarded) insertions.push({ at: node.statement.getStart(file), text: `{${guard}();` });
    ts.forEachChild(node, visit);
    if (isGuarded) insertions.push({ at: node.statement.end, text: '}' });
  };
  visit(file);
  return insertAll(js, insertions);
}

/**
 * @param {import('typescript').Node} node
 * @returns {boolean} whether it awaits something itself, and not only in a function that it holds
 */
function awaits(node) {
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return true;
  return ts.forEachChild(node, (child) => !ts.isFunctionLike(child) && awaits(child)) ?? false;
}
