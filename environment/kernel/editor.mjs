// What an editor asks of a cell that is being written. Jupyter counts code points, the compiler the
// two halves of an emoji apart.
import { latestProgram } from './compiler-settings.mjs';
import { converterModule, ts } from './tslab.mjs';

/** How long the types of what may be inserted are looked up: the rest goes without. */
const typesMilliseconds = 80;

/** Kinds as JupyterLab has icons for them, of TypeScript's. @type {Record<string, string>} */
const kinds = {
  alias: 'module',
  class: 'class',
  'local class': 'class',
  const: 'instance',
  let: 'instance',
  var: 'instance',
  'local var': 'instance',
  parameter: 'param',
  constructor: 'function',
  function: 'function',
  'local function': 'function',
  method: 'function',
  getter: 'property',
  setter: 'property',
  property: 'property',
  enum: 'enum',
  'enum member': 'enum',
  interface: 'interface',
  keyword: 'keyword',
  module: 'module',
  type: 'type',
  'type parameter': 'type',
  'primitive type': 'type',
};

/** @typedef {Pick<import('./cell-converter.mjs').CellConverter, 'complete' | 'inspect'>} Compiler */

export class Editor {
  /** @param {Compiler} compiler */
  constructor(compiler) {
    this.compiler = compiler;
  }

  /**
   * @param {{ code: string, cursor_pos: number }} request
   * @returns {Record<string, unknown>} the content of a complete_reply
   */
  complete({ code, cursor_pos }) {
    const position = unitsOf(code, cursor_pos);
    const { start, end, candidates, original } = this.compiler.complete(code, position);
    const from = pointsOf(code, start);
    const to = pointsOf(code, end);
    /** @type {Map<string, { kind: string }>} */
    const entries = new Map(
      (original?.entries ?? []).map((/** @type {any} */ one) => [one.name, one]),
    );
    const typeOf = typesAt(start);
    const types = candidates.map((/** @type {string} */ name) => {
      const kind = entries.get(name)?.kind ?? '';
      const signature = typeOf(name);
      const type = kinds[kind] ?? (kind || 'instance');
      return {
        start: from,
        end: to,
        text: name,
        type,
        ...(signature === null ? {} : { signature }),
      };
    });
    return {
      status: 'ok',
      matches: candidates,
      cursor_start: from,
      cursor_end: to,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  /**
   * @param {{ code: string, cursor_pos: number }} request
   * @returns {Record<string, unknown>} the content of an inspect_reply: on the name at the cursor, and on what is
   *   called if it is in the brackets of a call
   */
  inspect({ code, cursor_pos }) {
    const position = unitsOf(code, cursor_pos);
    const places = [nameAt(code, position), calleeAround(code, position)];
    const texts = [...new Set(places.filter((place) => place !== null))].flatMap((place) => {
      const info = this.compiler.inspect(code, /** @type {number} */ (place));
      return info ? [quickInfo(info)] : [];
    });
    const data = texts.length > 0 ? { 'text/plain': texts.join('\n\n') } : {};
    return { status: 'ok', found: texts.length > 0, data, metadata: {} };
  }

  /**
   * @param {string} code
   * @returns {Record<string, unknown>} the content of an is_complete_reply
   */
  isComplete(code) {
    const file = ts.createSourceFile('cell.tsx', code, ts.ScriptTarget.Latest);
    /** @type {{ parseDiagnostics?: import('typescript').Diagnostic[] }} */
    const { parseDiagnostics = [] } = /** @type {any} */ (file);
    if (parseDiagnostics.some((problem) => isOpen(problem, code))) {
      const { completed, indent = '' } = converterModule.isCompleteCode(code);
      return { status: 'incomplete', indent: completed ? '' : indent };
    }
    return { status: parseDiagnostics.length > 0 ? 'invalid' : 'complete' };
  }
}

/** What lacks its end, wherever it begins: a template literal, a comment. */
const openCodes = new Set([1160, 1010]);

/**
 * @param {import('typescript').Diagnostic} problem
 * @param {string} code
 * @returns {boolean} whether what is missing may still be written
 */
function isOpen({ code: number, start, messageText }, code) {
  if (openCodes.has(number)) return true;
  // Two empty lines end what a console's reader has no wish to go on with.
  if (/(?:^|\n)\s*\n\s*$/.test(code)) return false;
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  return start !== undefined && start >= code.trimEnd().length && text.endsWith(' expected.');
}

/**
 * @param {string} code
 * @param {number} points
 * @returns {number} the same place in JavaScript's units
 */
function unitsOf(code, points) {
  let units = 0;
  for (let i = 0; i < points && units < code.length; i++) {
    units += /** @type {number} */ (code.codePointAt(units)) > 0xffff ? 2 : 1;
  }
  return units;
}

/**
 * @param {string} code
 * @param {number} units
 * @returns {number} the same place in code points
 */
function pointsOf(code, units) {
  return [...code.slice(0, units)].length;
}

/**
 * @param {number} start where what is completed begins
 * @returns {(name: string) => string | null} the type of a name there, as TypeScript writes it
 */
function typesAt(start) {
  const found = latestProgram();
  if (found === null) return () => null;
  const { program, cell, prefix } = found;
  const checker = program.getTypeChecker();
  const token = /** @type {any} */ (ts).getTokenAtPosition(cell, start + prefix);
  const before = /** @type {any} */ (ts).findPrecedingToken(start + prefix, cell);
  const access = before?.kind === ts.SyntaxKind.DotToken ? before.parent : null;
  /** @type {Map<string, import('typescript').Symbol>} */
  const symbols = new Map();
  if (access?.expression) {
    const type = checker.getApparentType(checker.getTypeAtLocation(access.expression));
    for (const one of checker.getPropertiesOfType(type)) symbols.set(one.name, one);
  } else {
    const all = ts.SymbolFlags.Value | ts.SymbolFlags.Alias;
    for (const one of checker.getSymbolsInScope(token, all)) symbols.set(one.name, one);
  }
  const deadline = performance.now() + typesMilliseconds;
  return (name) => {
    const symbol = symbols.get(name);
    if (symbol === undefined || performance.now() > deadline) return null;
    try {
      const type = checker.getTypeOfSymbolAtLocation(symbol, token);
      return type.flags & ts.TypeFlags.Any ? null : checker.typeToString(type);
    } catch {
      return null;
    }
  };
}

/**
 * @param {string} code
 * @param {number} position
 * @returns {number | null} a place in the name that the cursor is in or behind
 */
function nameAt(code, position) {
  const isName = (/** @type {number} */ at) => /[\p{ID_Continue}$]/u.test(code[at] ?? '');
  if (isName(position)) return position;
  return isName(position - 1) ? position - 1 : null;
}

/**
 * @param {string} code
 * @param {number} position
 * @returns {number | null} a place in the name of the function whose brackets the cursor is in
 */
function calleeAround(code, position) {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  /** @type {number | null} */
  let found = null;
  /** @param {import('typescript').Node} node */
  const visit = (node) => {
    if (node.pos > position || node.end < position) return;
    const { arguments: args } = /** @type {import('typescript').CallExpression} */ (node);
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && args !== undefined) {
      const closes = code[node.end - 1] === ')';
      if (position >= args.pos && position <= node.end - (closes ? 1 : 0)) {
        found = node.expression.getEnd() - 1;
      }
    }
    // Inside a function that is handed over, its own calls count alone.
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      if (node.body.pos < position && position < node.body.end) found = null;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * @param {import('typescript').QuickInfo} info
 * @returns {string} the type, what is documented, and each tag with its name
 */
function quickInfo({ displayParts = [], documentation = [], tags = [] }) {
  const text = (/** @type {{ text: string }[]} */ parts) => parts.map((part) => part.text).join('');
  const head = text(displayParts);
  const rest = [
    text(documentation),
    tags.map((tag) => `@${tag.name} ${text(tag.text ?? [])}`.trimEnd()).join('\n'),
  ];
  return [head, ...rest.filter((part) => part !== '')].join('\n\n');
}
