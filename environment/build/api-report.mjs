// npm run api: writes docs/api, what the package's public functions and types are, without their comments. It is
// checked in, so that a change of the interface shows as one; a test fails where it is stale.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { writeFileAtomic } from '../../src/lib/files/atomic-write.js';
import { root } from '../setup/paths.mjs';
import { distOf } from './state.mjs';
import { entries } from './package-entries.mjs';

export const reportFolder = path.join(root, 'docs', 'api');

/** @returns {Map<string, string>} a report by the name of its file, for each way into the package */
export function apiReports() {
  const dist = distOf(root);
  const files = Object.entries(entries).map(([name, { source }]) => ({
    name,
    file: path.join(dist, path.relative('src', source).replace(/\.ts$/, '.d.ts')),
  }));
  const program = ts.createProgram(
    files.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Node10,
      esModuleInterop: true,
      strict: true,
      types: ['node'],
      typeRoots: [path.join(root, 'node_modules', '@types')],
    },
  );
  return new Map(
    files.map(({ name, file }) => [`${name}.md`, reportOf(program, name, file, dist)]),
  );
}

/**
 * @param {ts.Program} program
 * @param {string} entry
 * @param {string} file its declarations
 * @param {string} dist
 */
function reportOf(program, entry, file, dist) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file}: expected a module's declarations, found none.`);
  const resolved = (/** @type {ts.Symbol} */ symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  /** @type {Map<ts.Symbol, string>} */
  const named = new Map();
  for (const symbol of checker.getExportsOfModule(module)) named.set(resolved(symbol), symbol.name);
  const isOwn = (/** @type {ts.Declaration} */ { parent }) =>
    ts.isSourceFile(parent.getSourceFile()) && parent.getSourceFile().fileName.startsWith(dist);
  /** @type {Map<ts.Symbol, string>} what they name without exporting it */
  const hidden = new Map();
  const collect = (/** @type {ts.Node} */ node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const target = symbol && resolved(symbol);
      const isType =
        target &&
        target.flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Class | ts.SymbolFlags.Variable);
      const declaration = target?.declarations?.[0];
      if (isType && declaration && isTopLevel(declaration) && isOwn(declaration)) {
        if (!named.has(target) && !hidden.has(target)) {
          hidden.set(target, target.name);
          target.declarations?.forEach(collect);
        }
      }
    }
    ts.forEachChild(node, collect);
  };
  for (const symbol of named.keys()) symbol.declarations?.forEach(collect);

  const list = (/** @type {Map<ts.Symbol, string>} */ symbols) =>
    [...symbols]
      .flatMap(([symbol, name]) =>
        (symbol.declarations ?? []).map((each) => ({ name, text: textOf(each) })),
      )
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.text < b.text ? -1 : 1))
      .map(({ text }) => `\`\`\`ts\n${text}\n\`\`\`\n`)
      .join('\n');
  const address = entry === 'index' ? 'stfpm-lab' : `stfpm-lab/${entry}`;
  const rest = hidden.size > 0 ? `\n## Types that these name\n\n${list(hidden)}` : '';
  return `# ${address}\n\nWritten by \`npm run api\`; what each does is in the declarations' comments.\n\n${list(named)}${rest}`;
}

/** @param {ts.Declaration} declaration */
function isTopLevel(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return ts.isSourceFile(statement.parent);
}

const printer = ts.createPrinter({ removeComments: true });

/**
 * The compiler's order of what it has inferred, a union's literals and an object's properties, depends on what it met
 * first, in whatever file: a report has them in the order of their names.
 *
 * @param {ts.Declaration} declaration
 */
function textOf(declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const source = node.getSourceFile();
  const print = (/** @type {ts.Node} */ part) =>
    printer.printNode(ts.EmitHint.Unspecified, part, source);
  const { transformed } = ts.transform(/** @type {ts.Node} */ (node), [
    (context) => (whole) => {
      const visit = (/** @type {ts.Node} */ part) => {
        const visited = ts.visitEachChild(part, visit, context);
        const sorted = (/** @type {readonly ts.Node[]} */ nodes) =>
          /** @type {any[]} */ ([...nodes].sort((a, b) => (print(a) < print(b) ? -1 : 1)));
        if (ts.isUnionTypeNode(visited))
          return ts.factory.createUnionTypeNode(sorted(visited.types));
        if (ts.isTypeLiteralNode(visited) && visited.members.every(ts.isPropertySignature))
          return ts.factory.createTypeLiteralNode(sorted(visited.members));
        return visited;
      };
      return visit(whole);
    },
  ]);
  return print(transformed[0])
    .replace(/^export /, '')
    .replace(/^declare /, '')
    .replace(/^ {4}/gm, '  ');
}

function writeReports() {
  const reports = apiReports();
  for (const name of fs.existsSync(reportFolder) ? fs.readdirSync(reportFolder) : []) {
    if (!reports.has(name)) fs.rmSync(path.join(reportFolder, name));
  }
  for (const [name, text] of reports) writeFileAtomic(path.join(reportFolder, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeReports();
