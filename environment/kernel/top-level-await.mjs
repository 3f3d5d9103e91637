import { insertAll } from './insert-all.mjs';
import { ts } from './tslab.mjs';

// Parsed inside of an async function, where `await` is always the keyword; on the code's own first
// line, so that no line's number changes.
const prefix = 'async function cell() {';

/**
 * Finds the awaits of a cell's compiled code and passes the value of each through a function:
 * `await x` becomes `guard(await x)`. In `for await` loops the function is called in each round. No
 * line's number changes.
 *
 * @param {string} js
 * @param {string} guard the function's name
 * @returns {{ js: string, isAsync: boolean }} `isAsync`: whether any of them is at the top level
 */
export function guardAwaits(js, guard) {
  if (!js.includes('await')) return { js, isAsync: false };
  const file = ts.createSourceFile(
    'cell.js',
    `${prefix}${js}\n}`,
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.JS,
  );
  /** @type {import('./insert-all.mjs').Insertion[]} */
  const insertions = [];
  let isAsync = false;

  /**
   * @param {import('typescript').Node} node
   * @param {number} depth how many functions it is in
   */
  const visit = (node, depth) => {
    const inside = ts.isFunctionLike(node) ? depth + 1 : depth;
    const around = guardOf(node);
    if (around === null) {
      ts.forEachChild(node, (child) => visit(child, inside));
      return;
    }
    isAsync ||= depth === 1;
    insertions.push({ at: around.start - prefix.length, text: around.before });
    ts.forEachChild(node, (child) => visit(child, inside));
    insertions.push({ at: around.end - prefix.length, text: around.after });
  };

  /** @param {import('typescript').Node} node */
  const guardOf = (node) => {
    if (ts.isAwaitExpression(node)) {
      return { start: node.getStart(file), before: `${guard}(`, end: node.end, after: ')' };
    }
    if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) {
      const { statement } = node;
      const start = statement.getStart(file);
      return { start, before: `{${guard}();`, end: statement.end, after: '}' };
    }
    return null;
  };

  visit(file, 0);
  return { js: insertAll(js, insertions), isAsync };
}
