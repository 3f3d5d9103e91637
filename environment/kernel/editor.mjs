// What an editor asks of a cell that is being written. Jupyter counts code points, the compiler the
// two halves of an emoji apart.
import { isCompleteCode, ts } from './tslab.mjs';

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

/** With functions that only the compiler itself is meant to use. @type {any} */
const internal = ts;
/** None of what is asked is cancelled: an answer takes less time than the asking. */
const never = { isCancellationRequested: () => false, throwIfCancellationRequested: () => {} };

/** @typedef {Pick<import('./cell-compiler.mjs').CellCompiler, 'draft'>} Compiler */
/** @typedef {import('./cell-compiler.mjs').Draft} Draft */

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
    const draft = this.compiler.draft(code);
    const { start, end, entries } = completions(draft, position);
    const from = pointsOf(code, start);
    const to = pointsOf(code, end);
    const typeOf = typesAt(draft, start);
    const types = entries.map(({ name, kind }) => {
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
      matches: entries.map(({ name }) => name),
      cursor_start: from,
      cursor_end: to,
      metadata: { _jupyter_types_experimental: types },
    };
  }

  /**
   * @param {{ code: string, cursor_pos: number, isDetailed: boolean }} request in detail, types are shown with their
   *   members, and all ways to call what is called
   * @returns {Record<string, unknown>} the content of an inspect_reply: on the name at the cursor, and on what is
   *   called if it is in the brackets of a call
   */
  inspect({ code, cursor_pos, isDetailed }) {
    const position = unitsOf(code, cursor_pos);
    const draft = this.compiler.draft(code);
    const place = nameAt(code, position);
    const found = [
      place === null ? null : quickInfo(draft, place, isDetailed),
      signatures(draft, position, isDetailed),
    ];
    const texts = [...new Set(found.filter((text) => text !== null))];
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
      const { completed, indent = '' } = isCompleteCode(code);
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
 * @param {Draft} draft
 * @param {number} position
 * @returns {{ start: number, end: number, entries: { name: string, kind: string }[] }} what may stand there, the likeliest
 *   first, and what it takes the place of
 */
function completions({ file, program }, position) {
  const { CompletionTriggerKind } = internal;
  const { getCompletionsAtPosition } = internal.Completions;
  // What it looks up when it completes the name of a file that is imported.
  const host = {
    ...ts.sys,
    getCurrentDirectory: program.getCurrentDirectory,
    getCompilationSettings: program.getCompilerOptions,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  };
  /** @type {import('typescript').CompletionInfo | undefined} */
  const found = getCompletionsAtPosition(
    host,
    program,
    () => {},
    file,
    position,
    {},
    undefined,
    CompletionTriggerKind.Invoked,
    never,
  );
  const entries = found?.entries ?? [];
  const written = writtenName(file, position);
  // In a text it is the text, or its last part, which the compiler tells unless it is a word.
  const [word] = /** @type {RegExpExecArray} */ (/[\w$]*$/.exec(file.text.slice(0, position)));
  const inText = found?.optionalReplacementSpan ?? entries[0]?.replacementSpan;
  const [start, end] =
    written !== null
      ? [written.getStart(file), written.end]
      : inText !== undefined
        ? [inText.start, inText.start + inText.length]
        : [position - word.length, position];
  const typed = file.text.slice(start, end);
  const text = typed.toLowerCase();
  /** @param {string} name */
  const rank = (name) => {
    if (name.startsWith(typed)) return 0;
    const at = name.toLowerCase().indexOf(text);
    return at < 0 ? null : Math.min(at, 1) + 1;
  };
  const ranked = entries.flatMap((entry) => {
    const first = rank(entry.name);
    return first === null ? [] : [{ ...entry, key: `${first}${entry.sortText}` }];
  });
  return { start, end, entries: ranked.sort((a, b) => compare(a.key, b.key)) };
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * @param {any} file
 * @param {number} position
 * @returns {import('typescript').Identifier | null} the name that the cursor is in, before or behind
 */
function writtenName(file, position) {
  const before = internal.findPrecedingToken(position, file);
  if (before && ts.isIdentifier(before) && before.end >= position) return before;
  const next = before ? internal.findNextToken(before, file, file) : null;
  const isNext = next && ts.isIdentifier(next) && next.getStart(file) <= position;
  return isNext && position <= next.end ? next : null;
}

/**
 * @param {Draft} draft
 * @param {number} start where what is completed begins
 * @returns {(name: string) => string | null} the type of a name there, as TypeScript writes it
 */
function typesAt({ file, checker }, start) {
  const token = internal.getTokenAtPosition(file, start);
  const before = internal.findPrecedingToken(start, file);
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

/** The most letters of a type that are shown. */
const typeLetters = 5000;

/**
 * @param {Draft} draft
 * @param {number} position
 * @param {boolean} isDetailed
 * @returns {string | null} the type, what is documented, and each tag with its name
 */
function quickInfo({ file, checker, document }, position, isDetailed) {
  const found = internal.getTouchingPropertyName(file, position);
  if (found === file) return null;
  const isCallee = ts.isNewExpression(found.parent) && found.pos === found.parent.pos;
  const node = isCallee ? found.parent.expression : found;
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined || checker.isUnknownSymbol(symbol)) return null;
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  (isAlias ? checker.getAliasedSymbol(symbol) : symbol).declarations?.forEach(document);
  const { displayParts, documentation, tags } =
    internal.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker,
      symbol,
      file,
      internal.getContainerNode(node),
      node,
      undefined,
      undefined,
      typeLetters,
      isDetailed ? 1 : 0,
    );
  return documented(textOf(displayParts), documentation, tags);
}

/**
 * @param {Draft} draft
 * @param {number} position
 * @param {boolean} isDetailed
 * @returns {string | null} how what is called may be called there; null outside of the brackets of a
 *   call
 */
function signatures({ file, checker, program, document }, position, isDetailed) {
  const before = internal.findPrecedingToken(position, file);
  for (let node = before; node && !ts.isSourceFile(node); node = node.parent) {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) continue;
    const type = checker.getTypeAtLocation(node.expression);
    const ways = [...type.getCallSignatures(), ...type.getConstructSignatures()];
    for (const { declaration } of ways) if (declaration) document(declaration);
  }
  /** @type {import('typescript').SignatureHelpItems | undefined} */
  const help = internal.SignatureHelp.getSignatureHelpItems(
    program,
    file,
    position,
    undefined,
    never,
  );
  if (help === undefined) return null;
  const { items, selectedItemIndex } = help;
  const chosen = items[selectedItemIndex];
  const shown = isDetailed ? [chosen, ...items.filter((one) => one !== chosen)] : [chosen];
  const heads = shown.map(
    ({ prefixDisplayParts, parameters, separatorDisplayParts, suffixDisplayParts }) =>
      textOf(prefixDisplayParts) +
      parameters.map((one) => textOf(one.displayParts)).join(textOf(separatorDisplayParts)) +
      textOf(suffixDisplayParts),
  );
  const more = items.length - shown.length;
  const head = heads.join('\n') + (more > 0 ? `  (and ${more} more)` : '');
  return documented(head, chosen.documentation, chosen.tags);
}

/** @param {{ text: string }[]} parts */
function textOf(parts) {
  return parts.map((part) => part.text).join('');
}

/**
 * @param {string} head
 * @param {import('typescript').SymbolDisplayPart[]} [documentation]
 * @param {import('typescript').JSDocTagInfo[]} [tags]
 */
function documented(head, documentation = [], tags = []) {
  const rest = [
    textOf(documentation),
    tags.map((tag) => `@${tag.name} ${textOf(tag.text ?? [])}`.trimEnd()).join('\n'),
  ];
  return [head, ...rest.filter((part) => part !== '')].join('\n\n');
}
