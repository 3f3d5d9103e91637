// Where a position in compiled code comes from. The modules of `dist` have maps beside them. tslab
// compiles cells in two steps (TypeScript to modern JavaScript, that to CommonJS) and keeps no maps;
// here both steps are made to give theirs.
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { distOf } from '../build/state.mjs';
import { root } from '../setup/paths.mjs';

/** tslab's name for the source of the cell that it compiles, and the lines it puts before it. */
const cellSource = '__tslab__.ts';
const linesBeforeCell = 1;

const inlineMap = /\n?\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;
const mapComment = /\n?\/\/# sourceMappingURL=\S+\s*$/;

/**
 * The two maps of one compiled script, read when first needed.
 * @typedef {object} ScriptMaps
 * @property {number} lines how many the script has; tslab puts the call that runs it after them
 * @property {string} toModern JSON: from CommonJS to modern JavaScript
 * @property {string} toSource JSON: from modern JavaScript to TypeScript
 */

/** @type {Map<string, ScriptMaps>} by the script's name in stack traces */
const scripts = new Map();
let cellName = 'cell';

/**
 * The steps of a cell from how it was written to what runs. None changes the number of a line.
 * @typedef {object} CellText
 * @property {string} code as it was written
 * @property {string} rewritten with other text inserted, before it is compiled
 * @property {string} compiled
 * @property {string} guarded with other text inserted, after it
 */

/** @type {Map<string, CellText>} by the script's name in stack traces */
const cells = new Map();

/**
 * @param {number} count the execution count of the cell that is compiled next
 * @returns {string} its script's name in stack traces
 */
export function nameCell(count) {
  return (cellName = `cell-${count}`);
}

/**
 * @param {string} name of the cell's script
 * @param {CellText} text
 */
export function keepCell(name, text) {
  cells.set(name, text);
}

/**
 * @param {typeof import('typescript')} ts
 * @returns {object} the same compiler, but making maps when tslab uses it
 */
export function keepSourceMaps(ts) {
  return {
    ...ts,
    createWatchCompilerHost: (
      /** @type {any} */ files,
      /** @type {any} */ options,
      /** @type {[any]} */ ...rest
    ) => ts.createWatchCompilerHost(files, { ...options, inlineSourceMap: true }, ...rest),
    transpileModule: (
      /** @type {string} */ input,
      /** @type {import('typescript').TranspileOptions} */ options,
    ) => transpile(ts, input, options),
  };
}

/**
 * @param {typeof import('typescript')} ts
 * @param {string} input modern JavaScript, with its map to TypeScript
 * @param {import('typescript').TranspileOptions} options
 */
function transpile(ts, input, options) {
  const encoded = inlineMap.exec(input)?.[1];
  if (encoded === undefined) return ts.transpileModule(input, options);
  const output = ts.transpileModule(input.replace(inlineMap, ''), {
    ...options,
    compilerOptions: { ...options.compilerOptions, sourceMap: true },
  });
  const toSource = Buffer.from(encoded, 'base64').toString();
  const [source] = JSON.parse(toSource).sources;
  const isCell = path.basename(source) === cellSource;
  const name = isCell ? cellName : absolute(source).replace(/\.tsx?$/, '.js');
  const text = output.outputText.replace(mapComment, '\n');
  const lines = text.split('\n').length;
  scripts.set(name, { lines, toModern: output.sourceMapText ?? '', toSource });
  return { ...output, outputText: text };
}

/**
 * @param {string} source as a map names it: relative to where below tslab's (virtual) folder
 *   `outDir` the compiled file would lie, which is as deep as the source lies below the root
 * @returns {string} its absolute path
 */
function absolute(source) {
  return path.resolve(root, source.replace(/^(?:\.\.\/)+/, ''));
}

/**
 * One line of a stack trace, with the place in the source.
 * @typedef {object} Frame
 * @property {string} caller the function; empty where it has no name
 * @property {string} place a cell and line, or a file, line and column
 * @property {string | null} source the line there, if it is known
 * @property {number} column in it, from 1
 * @property {boolean} isCell
 */

const framePattern =
  /^\s*at (?:(.*) \()?(?:async )?(?:file:\/\/)?((?:\/|cell-\d).*?):(\d+):(\d+)\)?$/;

/**
 * @param {string} line of a stack trace
 * @returns {Frame | null | undefined} null for what runs a cell, which has no source; undefined for a line without place
 */
export function sourceFrame(line) {
  const match = framePattern.exec(line);
  if (!match) return undefined;
  const [, name = '', script, lineNumber, columnNumber] = match;
  const position = { line: Number(lineNumber), column: Number(columnNumber) };
  // Of an earlier cell a function is a member of the kernel's proxy of all variables, and so is a last value.
  const caller = name
    .replace(/^async /, '')
    .replace(/^(?:Proxy|exports|Object)\./, '')
    .replace(/^tsLastExpr\d*\.?/, '');
  if (script.startsWith('cell-')) return cellFrame(script, caller, position);
  const maps = scripts.get(script);
  const found = maps ? lookUp(maps, position) : lookUpBuilt(script, position);
  if (found === null && maps) return null;
  const { file, line: at, column } = found ?? { ...position, file: script };
  const place = `${file}:${at}:${column}`;
  return { caller, place, source: found && lineOf(file, at), column, isCell: false };
}

/**
 * @param {string} script
 * @param {string} caller
 * @param {Position} position in what runs
 * @returns {Frame | null}
 */
function cellFrame(script, caller, { line, column }) {
  const maps = scripts.get(script);
  const text = cells.get(script);
  if (maps === undefined || text === undefined || line > maps.lines) return null;
  const compiled = lineIn(text.compiled, line);
  const inCompiled = columnBefore(lineIn(text.guarded, line), compiled, column);
  const found = lookUp(maps, { line, column: inCompiled }) ?? firstOfLine(maps, line, compiled);
  if (found === null) return null;
  const at = found.line - linesBeforeCell;
  const source = lineIn(text.code, at);
  const place = `cell ${script.slice('cell-'.length)}, line ${at}`;
  const inSource = columnBefore(lineIn(text.rewritten, at), source, found.column);
  // Of a call Node tells the bracket; the name before it is what a reader looks for.
  const called =
    source[inSource - 1] === '(' ? /[\w$.]*$/.exec(source.slice(0, inSource - 1)) : null;
  return { caller, place, source, column: inSource - (called?.[0].length ?? 0), isCell: true };
}

/**
 * @param {ScriptMaps} maps
 * @param {number} line
 * @param {string} compiled the line
 * @returns {ReturnType<typeof lookUp>} of the first place in the line that has a source
 */
function firstOfLine(maps, line, compiled) {
  for (let column = 1; column <= compiled.length; column++) {
    const found = lookUp(maps, { line, column });
    if (found !== null) return found;
  }
  return null;
}

/**
 * @param {string} text
 * @param {number} line from 1
 */
function lineIn(text, line) {
  return text.split('\n')[line - 1] ?? '';
}

/**
 * @param {string} file relative to the root
 * @param {number} line
 */
function lineOf(file, line) {
  try {
    return fs.readFileSync(path.resolve(root, file), 'utf8').split('\n')[line - 1] ?? null;
  } catch {
    return null;
  }
}

/** What is inserted into compiled code (see guard-loops.mjs and top-level-await.mjs). */
const guardCall = /\{?__pass\w+__\((?:\);)?/y;

/**
 * @param {string} line that other text was inserted into
 * @param {string} before the line as it was
 * @param {number} column in the former, from 1
 * @returns {number} the column in the latter, from 1
 */
export function columnBefore(line, before, column) {
  if (line === before) return column;
  let at = 0;
  for (let i = 0; i < column - 1 && at < before.length;) {
    guardCall.lastIndex = i;
    const guard = guardCall.exec(line);
    if (guard !== null) i += guard[0].length;
    else if (line[i++] === before[at]) at++;
  }
  return at + 1;
}

/** @typedef {{ line: number, column: number }} Position both from 1 */

/**
 * @param {ScriptMaps} maps
 * @param {Position} position
 * @returns {{ file: string } & Position | null} the file relative to the root
 */
function lookUp({ lines, toModern, toSource }, position) {
  if (position.line > lines) return null;
  const modern = find(toModern, position);
  const source = modern && find(toSource, modern);
  return source && { ...source, file: path.relative(root, absolute(source.file)) };
}

/**
 * @param {string} script a compiled file of `dist`, which has its map beside it; any other gives null
 * @param {Position} position
 */
function lookUpBuilt(script, position) {
  if (!script.startsWith(distOf(root) + path.sep)) return null;
  try {
    const source = find(fs.readFileSync(`${script}.map`, 'utf8'), position);
    const folder = path.dirname(script);
    return source && { ...source, file: path.relative(root, path.resolve(folder, source.file)) };
  } catch {
    return null; // removed since it was loaded
  }
}

/**
 * @param {string} map JSON
 * @param {Position} position
 * @returns {{ file: string } & Position | null} the file as the map names it
 */
function find(map, { line, column }) {
  const entry = new SourceMap(JSON.parse(map)).findEntry(line - 1, column - 1);
  if (!('originalLine' in entry) || entry.originalLine === undefined) return null;
  const { originalSource: file, originalLine, originalColumn } = entry;
  return { file, line: originalLine + 1, column: originalColumn + 1 };
}
