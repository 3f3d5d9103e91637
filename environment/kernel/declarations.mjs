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

/**
 * A last value that is a function without a name would be given that of the variable that tslab keeps it in.
 *
 * @param {string} code a cell's source
 * @returns {string}
 */
export function withNamelessValue(code) {
  if (!/=>|\b(?:function|class)\b/.test(code)) return code;
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  const last = file.statements.at(-1);
  if (last === undefined || !ts.isExpressionStatement(last)) return code;
  const { expression } = last;
  const value = ts.isParenthesizedExpression(expression) ? expression.expression : expression;
  const isNameless =
    ts.isArrowFunction(value) ||
    ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && value.name === undefined);
  if (!isNameless) return code;
  const [start, end] = [expression.getStart(file), expression.end];
  return `${code.slice(0, start)};[${code.slice(start, end)}][0]${code.slice(end)}`;
}

/**
 * @typedef {object} ImportedName
 * @property {string} name of the variable
 * @property {string} imported in the module: `*` for all of it
 * @property {string} from the module, as it was written
 */

/**
 * @param {string} declarations of variables, functions, types and imports
 * @returns {ImportedName[]}
 */
export function importedNames(declarations) {
  const file = ts.createSourceFile('cell.d.ts', declarations, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) {
      return [];
    }
    const from = statement.moduleSpecifier.text;
    const { isTypeOnly = true, name, namedBindings } = statement.importClause ?? {};
    if (isTypeOnly) return [];
    const found = name === undefined ? [] : [{ name: name.text, imported: 'default', from }];
    if (namedBindings === undefined) return found;
    if (ts.isNamespaceImport(namedBindings)) {
      return [...found, { name: namedBindings.name.text, imported: '*', from }];
    }
    const named = namedBindings.elements.map((one) => ({
      name: one.name.text,
      imported: (one.propertyName ?? one.name).text,
      from,
    }));
    return [...found, ...named];
  });
}

/**
 * @param {string} declarations of variables, functions, types and imports
 * @param {(name: string) => boolean} keep
 * @returns {string} those of the names that are kept
 */
export function filterDeclarations(declarations, keep) {
  const file = ts.createSourceFile('cell.d.ts', declarations, ts.ScriptTarget.Latest, true);
  return file.statements.map((statement) => filterStatement(statement, keep)).join('');
}

/**
 * @param {import('typescript').Statement} statement
 * @param {(name: string) => boolean} keep
 * @returns {string}
 */
function filterStatement(statement, keep) {
  const whole = `${statement.getText()}\n`;
  if (ts.isVariableStatement(statement)) {
    const { declarations, flags } = statement.declarationList;
    const kept = declarations
      .filter(({ name }) => keep(name.getText()))
      .map((one) => one.getText());
    const keyword = flags & ts.NodeFlags.Const ? 'const' : 'let';
    return kept.length === 0 ? '' : `declare ${keyword} ${kept.join(', ')};\n`;
  }
  if (ts.isImportDeclaration(statement) && statement.importClause !== undefined) {
    const { isTypeOnly, name, namedBindings } = statement.importClause;
    const parts = [];
    if (name !== undefined && keep(name.text)) parts.push(name.text);
    if (namedBindings !== undefined && ts.isNamespaceImport(namedBindings)) {
      if (keep(namedBindings.name.text)) parts.push(namedBindings.getText());
    } else if (namedBindings !== undefined) {
      const kept = namedBindings.elements.filter((one) => keep(one.name.text));
      if (kept.length > 0) parts.push(`{ ${kept.map((one) => one.getText()).join(', ')} }`);
    }
    if (parts.length === 0) return '';
    const from = statement.moduleSpecifier.getText();
    return `import ${isTypeOnly ? 'type ' : ''}${parts.join(', ')} from ${from};\n`;
  }
  const { name } = /** @type {{ name?: import('typescript').Node }} */ (statement);
  return name === undefined || keep(name.getText()) ? whole : '';
}
