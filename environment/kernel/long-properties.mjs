import { ts } from './tslab.mjs';

/**
 * Writes `{ x }` as `{ x: x }`. The compiler gives variables of earlier cells their place
 * (`exports.x`) wherever they are used, but overlooks them in short properties.
 *
 * @param {string} code a cell's source
 * @returns {string} the same source where it has no short properties
 */
export function withLongProperties(code) {
  if (!code.includes('{')) return code;
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  /** @type {{ position: number, name: string }[]} */
  const short = [];
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (ts.isShorthandPropertyAssignment(node)) {
      short.push({ position: node.name.end, name: node.name.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  let result = code;
  for (const { position, name } of short.reverse()) {
    result = `${result.slice(0, position)}: ${name}${result.slice(position)}`;
  }
  return result;
}
