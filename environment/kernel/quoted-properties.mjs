import { insertAll } from './insert-all.mjs';
import { ts } from './tslab.mjs';

/**
 * Writes `const { x: y } = z` as `const { 'x': y } = z`. The compiler takes the name of a property
 * that an earlier cell's type declares for a variable of that cell (`exports.x`) where a value is
 * taken apart; a string it leaves alone.
 *
 * @param {string} code a cell's source
 * @returns {string} the same source where nothing is taken apart under other names
 */
export function withQuotedProperties(code) {
  if (!code.includes('{')) return code;
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  /** @type {import('./insert-all.mjs').Insertion[]} */
  const insertions = [];
  /**
   * @param {import('typescript').Node} node
   * @param {boolean} isTarget whether values are assigned to it
   */
  const visit = (node, isTarget) => {
    const name = ts.isBindingElement(node)
      ? node.propertyName
      : isTarget && ts.isPropertyAssignment(node)
        ? node.name
        : undefined;
    if (name !== undefined && ts.isIdentifier(name)) {
      insertions.push({ at: name.getStart(file), text: "'" }, { at: name.end, text: "'" });
    }
    ts.forEachChild(node, (child) => visit(child, isTargetOf(node, child, isTarget)));
  };
  visit(file, false);
  return insertAll(code, insertions);
}

/**
 * @param {import('typescript').Node} node
 * @param {import('typescript').Node} child
 * @param {boolean} isTarget of the node
 * @returns {boolean} whether values are assigned to the child, a pattern such as `[{ x: y }]`
 */
function isTargetOf(node, child, isTarget) {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    return child === node.left;
  }
  if (ts.isForOfStatement(node)) return child === node.initializer;
  const isPattern =
    ts.isObjectLiteralExpression(node) ||
    ts.isArrayLiteralExpression(node) ||
    ts.isPropertyAssignment(node);
  return isTarget && isPattern;
}
