import { ts } from './tslab.mjs';

/**
 * Takes the modifiers off what a cell exports: pasted from a module, `export const a = 5` is a declaration like any
 * other. All that stays keeps its place.
 *
 * @param {string} code a cell's source
 * @returns {string}
 */
export function withoutExports(code) {
  if (!code.includes('export')) return code;
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  let result = code;
  /**
   * @param {number} from
   * @param {number} to
   * @param {string} [text]
   */
  const replace = (from, to, text = '') => {
    const blank = result.slice(from + text.length, to).replace(/[^\n]/g, ' ');
    result = result.slice(0, from) + text + blank + result.slice(to);
  };
  // From the end, so that places before stay valid where something becomes longer.
  for (const statement of [...file.statements].reverse()) {
    const start = statement.getStart(file);
    if (ts.isExportAssignment(statement)) {
      if (statement.isExportEquals) continue;
      // Its value becomes the cell's last value, if it stands there.
      const { expression } = statement;
      result = `${result.slice(0, expression.end)})${result.slice(expression.end)}`;
      const at = expression.getStart(file);
      replace(start, at);
      result = `${result.slice(0, at - 1)}(${result.slice(at)}`;
    } else if (ts.isExportDeclaration(statement)) {
      const isNamed =
        statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause);
      if (statement.moduleSpecifier === undefined) replace(start, statement.end);
      else if (isNamed) replace(start, start + 'export'.length, 'import');
    } else if (ts.canHaveModifiers(statement)) {
      const modifiers = ts.getModifiers(statement) ?? [];
      const isDefault = modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      const isNameless = isDefault && /** @type {any} */ (statement).name === undefined;
      if (isNameless) continue; // nothing can refer to it, and as it is, it is allowed
      for (const modifier of modifiers) {
        const { kind } = modifier;
        const isExport =
          kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword;
        if (isExport) replace(modifier.getStart(file), modifier.end);
      }
    }
  }
  return result;
}
