// Checks and compiles cells, and answers what an editor asks of one that is being written. One checker goes on from cell to
// cell: what it has found out of the library and of earlier cells it need not find out again, as it would for a program
// that each cell is a part of. It is made anew only with the program of what cells import.
import path from 'node:path';
import { importCall } from './cell-executor.mjs';
import { Declared } from './declared.mjs';
import { insertAll } from './insert-all.mjs';
import { Scope } from './scope.mjs';
import { ts } from './tslab.mjs';

/** With members that only the compiler itself is meant to use. @typedef {any} Internal */
/** @type {Internal} */
const internal = ts;

/** So many cells, most of them half written, may be held by a checker, which forgets none. */
const cellsOfAChecker = 300;

/** The compiler's number for the import of a package that has no types. */
const untypedCode = 7016;
/** And those for a variable that takes its type from what is assigned to it, as in `let a;`: that may be in an earlier cell. */
const untoldCodes = [7005, 7034];

/**
 * A cell as the compiler sees it.
 * @typedef {object} Draft
 * @property {Internal} file
 * @property {Internal} checker
 * @property {Internal} program for those of the compiler's services that want one
 * @property {(declaration: import('typescript').Node) => void} document has what is documented of it read, which the
 *   compiler leaves out of what packages declare
 */

/**
 * @typedef {object} CompiledCell
 * @property {string} js CommonJS, with `exports.x` for a variable of an earlier cell
 * @property {string} map JSON, to the cell with the insertions
 * @property {import('./insert-all.mjs').Insertion[]} insertions into the cell before it was compiled
 * @property {string[]} names of variables, functions, classes and imports that it gives a value
 * @property {string | undefined} last the exported name of its last value
 * @property {(lost: Set<string>) => void} declare puts what it declares into the scope of later cells, but for the names of
 *   values that it has not come to declare
 */

/** @typedef {{ file: string, line: number, column: number, message: string }} CompileError */

export class CellCompiler {
  #declared;
  #root;
  #scope = new Scope();
  /** @type {Internal} */
  #checker = null;
  /** @type {Map<string, Internal>} the cells that the checker knows, by path */
  #cells = new Map();
  #count = 0;
  /** @type {WeakSet<object>} imported files in which there are no errors */
  #withoutErrors = new WeakSet();
  /** @type {WeakSet<object>} imported files that were compiled */
  #compiled = new WeakSet();
  /** Packages without types that the reader knows of. @type {Set<string>} */
  #told = new Set();

  /**
   * @param {string} root of the checkout
   * @param {string[]} folders where relative imports of a cell begin, the notebook's folder first
   */
  constructor(root, folders) {
    this.#root = root;
    this.#declared = new Declared(root, folders);
  }

  /** Makes the compiler ready, so that the first cell need not wait for it. */
  warmUp() {
    this.draft('');
  }

  /** What earlier cells have imported. */
  get imports() {
    return this.#scope.imports;
  }

  /** @returns {[name: string, type: string][]} of the variables, functions and classes of the cells that have run */
  types() {
    const { checker, file } = this.draft('');
    return [...this.#scope.values].map(([name, symbol]) => {
      const type = checker.getTypeOfSymbol(symbol);
      return [name, checker.typeToString(type, file)];
    });
  }

  /**
   * @param {string} code of a cell
   * @returns {Draft}
   */
  draft(code) {
    const file = this.#parse(code);
    const names = importsOf(code);
    const isNew = this.#declared.include(names, augmentationsOf(file));
    if (isNew || this.#checker === null || this.#cells.size >= cellsOfAChecker) {
      this.#cells.clear();
      this.#checker = internal.createTypeChecker(this.#checkerHost());
    }
    internal.bindSourceFile(file, this.#declared.options);
    this.#scope.enclose(file);
    this.#cells.set(file.fileName, file);
    const checker = this.#checker;
    const program = { ...this.#checkerHost(), getTypeChecker: () => checker };
    const document = (/** @type {import('typescript').Node} */ one) => this.#declared.document(one);
    return { file, checker, program, document };
  }

  /**
   * @param {string} code of a cell that is to run next
   * @returns {{ errors: CompileError[], notes: string[], cell: CompiledCell | null }} what is to be told of it; null where
   *   there are errors
   */
  compile(code) {
    const draft = this.draft(code);
    const diagnostics = this.#diagnosticsOf(draft.file);
    const untyped = diagnostics.filter((one) => one.code === untypedCode);
    const notes = untyped.flatMap((one) => this.#noteUntyped(messageOf(one)));
    const errors = diagnostics
      .filter((one) => one.code !== untypedCode && !this.#isUntold(draft, one))
      .map((one) => toError(one, ''));
    return { errors, notes, cell: errors.length > 0 ? null : this.#emit(code, draft) };
  }

  /**
   * @param {string[]} names of modules that a cell imports
   * @returns {{ errors: CompileError[], files: { path: string, js: string, map: string, source: string }[], packages: string[] }}
   *   what is wrong with those of them that are compiled with the cells, those that were not compiled since they were
   *   written, and the packages that they import
   */
  compileImported(names) {
    this.draft(names.map((name) => `import ${JSON.stringify(name)};`).join('\n'));
    const sources = this.#declared.sourcesOf(names);
    const errors = sources.flatMap((file) => {
      if (this.#withoutErrors.has(file)) return [];
      const found = this.#diagnosticsOf(file).filter((one) => one.code !== untypedCode);
      if (found.length === 0) this.#withoutErrors.add(file);
      const name = path.relative(this.#root, file.fileName);
      return found.map((one) => toError(one, name));
    });
    const packages = sources.flatMap((file) => this.#declared.packagesOf(file));
    if (errors.length > 0) return { errors, files: [], packages };
    const files = sources
      .filter((file) => !this.#compiled.has(file))
      .map((file) => {
        this.#compiled.add(file);
        const { js, map } = this.#transpile(file.text, file.fileName, ts.ModuleDetectionKind.Auto);
        const compiled = file.fileName.replace(/\.[cm]?[jt]sx?$/, '.js');
        return { path: compiled, js, map, source: file.fileName };
      });
    return { errors, files, packages };
  }

  /**
   * @param {string} name of a module that a cell writes
   * @param {string} content
   * @returns {CompileError[]}
   */
  writeModule(name, content) {
    const file = this.#declared.write(name, content, this.#parse(content).fileName.endsWith('x'));
    this.#checker = null;
    this.draft('');
    return this.#diagnosticsOf(file).map((one) => toError(one, ''));
  }

  /** @param {string} name of a variable that no cell has declared, and later ones have: it is of any type */
  declare(name) {
    const { file } = this.draft(`let ${name}: any;`);
    this.#scope = this.#scope.after(file.locals, () => true, new Set());
  }

  /**
   * @param {string} code
   * @returns {Internal} with JSX where it does not parse without
   */
  #parse(code) {
    const name = path.join(this.#root, `__cell-${++this.#count}__.ts`);
    const settings = {
      languageVersion: ts.ScriptTarget.ES2022,
      // A module, whether or not it imports something.
      setExternalModuleIndicator: (/** @type {Internal} */ file) => {
        file.externalModuleIndicator = true;
      },
    };
    const [plain, withJsx] = [name, `${name}x`].map((one) => {
      return () => ts.createSourceFile(one, code, settings);
    });
    /** @type {Internal} */
    let file = plain();
    if (file.parseDiagnostics.length > 0) {
      /** @type {Internal} */
      const other = withJsx();
      if (other.parseDiagnostics.length === 0) file = other;
    }
    // What a program finds out of its files.
    return Object.assign(file, {
      path: file.fileName,
      resolvedPath: file.fileName,
      originalFileName: file.fileName,
      imports: [],
      moduleAugmentations: [],
      ambientModuleNames: [],
    });
  }

  #checkerHost() {
    const { program } = this.#declared;
    return {
      ...program,
      getSourceFile: (/** @type {string} */ name) =>
        this.#cells.get(name) ?? program.getSourceFile(name),
      getResolvedModule: (
        /** @type {Internal} */ file,
        /** @type {string} */ name,
        /** @type {any} */ mode,
      ) =>
        isCell(file)
          ? this.#declared.resolved(name, mode)
          : program.getResolvedModule(file, name, mode),
    };
  }

  /**
   * @param {Internal} file a cell or one that it imports
   * @returns {import('typescript').Diagnostic[]}
   */
  #diagnosticsOf(file) {
    const found = ts.sortAndDeduplicateDiagnostics([
      ...file.parseDiagnostics,
      ...(file.bindDiagnostics ?? []),
      ...this.#checker.getDiagnostics(file),
    ]);
    return withDirectives(file, [...found]);
  }

  /**
   * @param {Draft} draft
   * @param {import('typescript').Diagnostic} diagnostic
   * @returns {boolean} whether it is about the type of an earlier cell's variable, which is `any` then
   */
  #isUntold({ file, checker }, { code, start = 0 }) {
    if (!untoldCodes.includes(code)) return false;
    const symbol = checker.getSymbolAtLocation(internal.getTokenAtPosition(file, start));
    return this.#scope.values.get(symbol?.escapedName) === symbol;
  }

  /** @param {string} message */
  #noteUntyped(message) {
    const name = /for module '([^']+)'/.exec(message)?.[1];
    if (name === undefined || this.#told.has(name)) return [];
    this.#told.add(name);
    const advice = /npm i --save-dev [^`]+/.exec(message)?.[0];
    const perhaps = advice ? ` Perhaps \`${advice}\` has them.` : '';
    return [`${name} has no types: all that comes from it is \`any\`.${perhaps}\n`];
  }

  /**
   * @param {string} code
   * @param {Draft} draft
   * @returns {CompiledCell}
   */
  #emit(code, { file, checker }) {
    const scope = this.#scope;
    const { Value, Alias } = ts.SymbolFlags;
    /** @param {import('typescript').Symbol} symbol */
    const isValue = (symbol) => {
      // What is only declared, with `declare`, is somewhere else.
      const isElsewhere =
        ((symbol.valueDeclaration?.flags ?? 0) & internal.NodeFlags.Ambient) !== 0;
      if (isElsewhere) return false;
      if ((symbol.flags & Alias) === 0) return (symbol.flags & Value) !== 0;
      if (symbol.declarations?.some((one) => ts.isTypeOnlyImportOrExportDeclaration(one)))
        return false;
      const target = checker.getAliasedSymbol(symbol);
      return checker.isUnknownSymbol(target) || (target.flags & Value) !== 0;
    };
    /** @type {Map<string, import('typescript').Symbol>} */
    const declared = file.locals ?? new Map();
    const names = [...declared].filter(([, one]) => isValue(one)).map(([name]) => name);
    const last = lastExpression(file);
    const insertions = earlierVariables(file, checker, scope, last);
    let lastName;
    if (last !== null) {
      lastName = 'tsLastExpr';
      while (declared.has(lastName)) lastName += '_';
      // Before what is inserted for a name that the expression begins with.
      insertions.unshift({ at: last.getStart(file), text: `exports.${lastName} = (` });
      insertions.push({ at: last.end, text: ')' });
    }
    // What JSX becomes calls it, and names it nowhere.
    const factory = /** @type {string} */ (checker.getJsxNamespace(file));
    const hasJsx = file.fileName.endsWith('x') && this.#declared.options.jsx === ts.JsxEmit.React;
    if (hasJsx && scope.values.has(factory) && !declared.has(factory)) {
      insertions.unshift({ at: 0, text: `const ${factory} = exports.${factory}; ` });
    }
    const exported = names.length === 0 ? '' : `\nexport { ${names.join(', ')} };`;
    const text = insertAll(code, insertions) + exported;
    const { js, map } = this.#transpile(text, file.fileName, ts.ModuleDetectionKind.Force);
    return {
      js,
      map,
      insertions,
      names,
      last: lastName,
      declare: (lost) => {
        this.#scope = this.#scope.after(declared, isValue, lost);
      },
    };
  }

  /**
   * @param {string} text
   * @param {string} fileName
   * @param {import('typescript').ModuleDetectionKind} moduleDetection
   */
  #transpile(text, fileName, moduleDetection) {
    const { lib, types, noEmit, checkJs, ...options } = this.#declared.options;
    const { outputText, sourceMapText = '' } = ts.transpileModule(text, {
      fileName,
      compilerOptions: {
        ...options,
        module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.Node10,
        moduleDetection,
        newLine: ts.NewLineKind.LineFeed,
        sourceMap: true,
      },
    });
    return {
      js: outputText.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n'),
      map: sourceMapText,
    };
  }
}

/** @param {Internal} file */
function isCell(file) {
  return path.basename(file.fileName).startsWith('__cell-');
}

/** @param {string} code */
function importsOf(code) {
  return ts.preProcessFile(code).importedFiles.map(({ fileName }) => fileName);
}

/**
 * @param {import('typescript').SourceFile} file
 * @returns {string} what it declares for all files: `declare global` and additions to modules
 */
function augmentationsOf(file) {
  return file.statements
    .filter(
      (one) =>
        ts.isModuleDeclaration(one) &&
        (ts.isStringLiteral(one.name) || (one.flags & ts.NodeFlags.GlobalAugmentation) !== 0),
    )
    .map((one) => one.getText(file))
    .join('\n');
}

/**
 * @param {import('typescript').SourceFile} file
 * @returns {import('typescript').Expression | null} what gives the cell its value
 */
function lastExpression(file) {
  const last = file.statements.filter((one) => !ts.isEmptyStatement(one)).at(-1);
  return last !== undefined && ts.isExpressionStatement(last) ? last.expression : null;
}

/**
 * Earlier cells' variables are members of `exports`, and `import('name')` is the kernel's.
 *
 * @param {import('typescript').SourceFile} file
 * @param {Internal} checker
 * @param {Scope} scope
 * @param {import('typescript').Expression | null} last what gives the cell its value
 * @returns {import('./insert-all.mjs').Insertion[]}
 */
function earlierVariables(file, checker, scope, last) {
  /** @type {import('./insert-all.mjs').Insertion[]} */
  const insertions = [];
  /**
   * @param {import('typescript').Node} node
   * @returns {void}
   */
  const visit = (node) => {
    if (ts.isExpressionWithTypeArguments(node)) return visit(node.expression);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      insertions.push({ at: node.getStart(file), text: importCall.slice(0, -'import'.length) });
      return void ts.forEachChild(node, visit);
    }
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return;
    if (!ts.isIdentifier(node)) return void ts.forEachChild(node, visit);
    const known = scope.values.get(String(node.escapedText));
    if (known === undefined) return;
    const { parent } = node;
    const start = node.getStart(file);
    if (ts.isShorthandPropertyAssignment(parent) && parent.name === node) {
      if (checker.getShorthandAssignmentValueSymbol(parent) === known) {
        insertions.push({ at: node.end, text: `: exports.${node.text}` });
      }
      return;
    }
    if (checker.getSymbolAtLocation(node) !== known || isName(node)) return;
    const isCalled =
      (ts.isCallExpression(parent) &&
        parent.expression === node &&
        !ts.isDecorator(parent.parent)) ||
      (ts.isTaggedTemplateExpression(parent) && parent.tag === node);
    if (!isCalled) {
      insertions.push({ at: start, text: 'exports.' });
      return;
    }
    // What is called is no method of `exports`; and it does not go on with a line before that has no semicolon.
    const opening = beginsStatement(node, file, last) ? ';(0, exports.' : '(0, exports.';
    insertions.push({ at: start, text: opening }, { at: node.end, text: ')' });
  };
  visit(file);
  return insertions;
}

/**
 * @param {import('typescript').Identifier} node
 * @returns {boolean} whether it names what is declared there, or a member, and is no variable
 */
function isName(node) {
  const { name, propertyName } = /** @type {Internal} */ (node.parent);
  return name === node || propertyName === node;
}

/**
 * @param {import('typescript').Node} node
 * @param {import('typescript').SourceFile} file
 * @param {import('typescript').Expression | null} last what gives the cell its value, which begins with something else then
 * @returns {boolean} whether it is the first of a statement in a list of them
 */
function beginsStatement(node, file, last) {
  const statement = ts.findAncestor(node, ts.isExpressionStatement);
  if (statement === undefined || statement.expression === last) return false;
  if (statement.getStart(file) !== node.getStart(file)) return false;
  const { parent } = statement;
  return (
    ts.isSourceFile(parent) ||
    ts.isBlock(parent) ||
    ts.isModuleBlock(parent) ||
    ts.isCaseOrDefaultClause(parent)
  );
}

/** @param {import('typescript').Diagnostic} diagnostic */
function messageOf({ messageText }) {
  return ts.flattenDiagnosticMessageText(messageText, '\n');
}

/**
 * @param {import('typescript').Diagnostic} diagnostic
 * @param {string} name of the file; empty for a cell
 * @returns {CompileError}
 */
function toError(diagnostic, name) {
  const { file, start = 0 } = diagnostic;
  const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? {
    line: 0,
    character: 0,
  };
  return { file: name, line: line + 1, column: character + 1, message: messageOf(diagnostic) };
}

/**
 * Heeds `@ts-ignore` and `@ts-expect-error`, as a program does for its files.
 *
 * @param {Internal} file
 * @param {import('typescript').Diagnostic[]} diagnostics
 * @returns {import('typescript').Diagnostic[]}
 */
function withDirectives(file, diagnostics) {
  if (!file.commentDirectives?.length) return diagnostics;
  const directives = internal.createCommentDirectivesMap(file, file.commentDirectives);
  const lines = file.text.split('\n');
  const left = diagnostics.filter(({ start = 0 }) => {
    let line = file.getLineAndCharacterOfPosition(start).line - 1;
    // Other comments and empty lines may stand between.
    while (line >= 0 && !directives.markUsed(line) && /^\s*(?:\/\/.*)?$/.test(lines[line])) line--;
    return line < 0 || !directives.markUsed(line);
  });
  const unused = directives.getUnusedExpectations().map((/** @type {Internal} */ { range }) => ({
    file,
    start: range.pos,
    length: range.end - range.pos,
    code: 2578,
    category: ts.DiagnosticCategory.Error,
    messageText: "Unused '@ts-expect-error' directive.",
  }));
  return [...left, ...unused];
}
