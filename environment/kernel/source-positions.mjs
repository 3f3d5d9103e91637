// Where a position in compiled code comes from: a cell's, a file's that a cell imports, or that of a module of `dist`, which
// has its map beside it.
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { distOf } from '../build/state.mjs';
import { root } from '../setup/paths.mjs';
import { decodeMappings } from './source-map.mjs';

/**
 * The steps of a cell from how it was written to what runs. None changes the number of a line.
 * @typedef {object} CellText
 * @property {string} code as it was written
 * @property {import('./insert-all.mjs').Insertion[]} insertions into that, before it is compiled
 * @property {string} compiled
 * @property {string} map JSON: from what was compiled to the code with the insertions
 * @property {string} guarded with other text inserted, after it: this is what runs
 */

/** @type {Map<string, CellText>} by the script's name in stack traces */
const cells = new Map();

/** A file that a cell imports. @typedef {{ source: string, js: string, map: string }} FileText `source`: its path */

/** @type {Map<string, FileText>} by the compiled file's path */
const files = new Map();

/** All of them, in the order in which they were compiled. @type {{ name: string, text: CellText | FileText }[]} */
const kept = [];

/**
 * @param {string} name of the cell's script
 * @param {CellText} text
 */
export function keepCell(name, text) {
  cells.set(name, text);
  kept.push({ name, text });
}

/**
 * @param {string} file its path
 * @param {FileText} text
 */
export function keepFile(file, text) {
  files.set(file, text);
  kept.push({ name: file, text });
}

/**
 * @param {string} name of a cell's script
 * @returns {CellText | undefined} what is known of it
 */
export function cellText(name) {
  return cells.get(name);
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
  // A last value's function has the name of the variable that the kernel keeps it in.
  const caller = name
    .replace(/^async /, '')
    .replace(/^(?:Proxy|exports|Object)\./, '')
    .replace(/^tsLastExpr_*\.?/, '');
  if (script.startsWith('cell-')) return cellFrame(script, caller, position);
  const file = files.get(script);
  const found = file ? lookUpFile(file, position) : lookUpBuilt(script, position);
  const { file: shown, line: at, column } = found ?? { ...position, file: script };
  const place = `${shown}:${at}:${column}`;
  return { caller, place, source: found && lineOf(shown, at), column, isCell: false };
}

/**
 * @param {string} script
 * @param {string} caller
 * @param {Position} position in what runs
 * @returns {Frame | null}
 */
function cellFrame(script, caller, position) {
  const found = positionInCell(script, position);
  if (found === null) return null;
  const source = lineIn(cells.get(script)?.code ?? '', found.line);
  const place = `cell ${script.slice('cell-'.length)}, line ${found.line}`;
  const { column } = found;
  // Of a call Node tells the bracket; the name before it is what a reader looks for.
  const called = source[column - 1] === '(' ? /[\w$.]*$/.exec(source.slice(0, column - 1)) : null;
  return { caller, place, source, column: column - (called?.[0].length ?? 0), isCell: true };
}

/**
 * @param {string} script the name of a cell's
 * @param {Position} position in what runs
 * @returns {Position | null} in the cell as it was written; null for what the kernel has added
 */
export function positionInCell(script, { line, column }) {
  const text = cells.get(script);
  if (text === undefined || line > text.compiled.split('\n').length) return null;
  const compiled = lineIn(text.compiled, line);
  const inCompiled = columnBefore(lineIn(text.guarded, line), compiled, column);
  const found =
    find(text.map, { line, column: inCompiled }) ?? firstOfLine(text.map, line, compiled);
  return found && beforeInsertions(text, found);
}

/**
 * @param {CellText} text
 * @param {Position} position in the code with the insertions
 * @returns {Position | null} in the code; null behind its end
 */
function beforeInsertions({ code, insertions }, { line, column }) {
  const start = code.split('\n', line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  if (start > code.length) return null;
  let added = 0;
  for (const { at, text } of [...insertions].sort((a, b) => a.at - b.at)) {
    if (at < start) continue;
    const offset = start + column - 1 - added;
    if (at >= offset) break;
    added += Math.min(text.length, offset - at);
  }
  return { line, column: column - added };
}

/**
 * @param {string} map
 * @param {number} line
 * @param {string} compiled the line
 * @returns {ReturnType<typeof find>} of the first place in the line that has a source
 */
function firstOfLine(map, line, compiled) {
  for (let column = 1; column <= compiled.length; column++) {
    const found = find(map, { line, column });
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

/** A statement of its own, or the beginning of a call around a value. */
const anyGuardCall = /\{__pass\w+__\(\);|__pass\w+__\((?!\))/g;

/**
 * @param {string} line that guards were inserted into
 * @param {string} before the line as it was
 * @param {number} column in the latter, from 1
 * @returns {number} the column in the former, from 1; after a guard that was inserted there
 */
function columnAfter(line, before, column) {
  if (line === before) return column;
  let i = 0;
  for (let at = 0; i < line.length;) {
    guardCall.lastIndex = i;
    const guard = guardCall.exec(line);
    if (guard !== null) i += guard[0].length;
    else if (at >= column - 1 && line[i] === before[at]) break;
    else if (line[i++] === before[at]) at++;
  }
  return i + 1;
}

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

/**
 * A script as a debugger has to know it.
 * @typedef {object} CompiledScript
 * @property {string} url as Node's inspector names it
 * @property {string | null} file its source's absolute path; null of a cell
 * @property {string | null} code of a cell
 * @property {Segment[]} segments in the order of the script
 *
 * @typedef {[line: number, column: number, sourceLine?: number, sourceColumn?: number, isGuard?: true]} Segment
 *   what begins at a position of what runs, up to the next: comes from a position of the source, or from none, or is the
 *   call of a guard around what comes from there; from 0
 */

/**
 * @param {number} serial
 * @returns {{ serial: number, scripts: CompiledScript[] }} the cells, and the files beside `src`, that were compiled after
 *   the script of that number, and the number of the last
 */
export function scriptsSince(serial) {
  const found = kept.slice(serial).map(({ name, text }) =>
    'code' in text
      ? { url: name, file: null, code: text.code, segments: segmentsOf(text.map, text) }
      : {
          url: pathToFileURL(name).href,
          file: text.source,
          code: null,
          segments: segmentsOf(text.map, null),
        },
  );
  return { serial: kept.length, scripts: found };
}

/**
 * @param {string} map JSON
 * @param {CellText | null} text of a cell
 * @returns {Segment[]}
 */
function segmentsOf(map, text) {
  const [compiled, guarded] = [text?.compiled, text?.guarded].map((one) => one?.split('\n') ?? []);
  return decodeMappings(JSON.parse(map).mappings).flatMap((segments, line) => {
    const found = segments.flatMap(([column, , sourceLine, sourceColumn]) => {
      if (sourceLine === undefined || sourceColumn === undefined) return [];
      if (text === null) return [/** @type {Segment} */ ([line, column, sourceLine, sourceColumn])];
      const written = beforeInsertions(text, { line: sourceLine + 1, column: sourceColumn + 1 });
      if (written === null) return [];
      const at = columnAfter(guarded[line] ?? '', compiled[line] ?? '', column + 1) - 1;
      return [/** @type {Segment} */ ([line, at, written.line - 1, written.column - 1])];
    });
    return withGuards(found, line, guarded[line] ?? '');
  });
}

/**
 * @param {Segment[]} segments of a line
 * @param {number} line
 * @param {string} text the line with its guards
 * @returns {Segment[]}
 */
function withGuards(segments, line, text) {
  const guards = [...text.matchAll(anyGuardCall)].map(({ index, 0: call }) => {
    const guarded = segments.find((one) => one[1] >= index + call.length);
    const isStatement = call.startsWith('{');
    const [, , sourceLine, sourceColumn] = isStatement ? [] : (guarded ?? []);
    return /** @type {Segment} */ (
      sourceLine === undefined ? [line, index] : [line, index, sourceLine, sourceColumn, true]
    );
  });
  return [...segments, ...guards].sort((a, b) => a[1] - b[1]);
}

/** @typedef {{ line: number, column: number }} Position both from 1 */

/**
 * @param {FileText} file
 * @param {Position} position
 * @returns {{ file: string } & Position | null} the file relative to the root
 */
function lookUpFile({ source, map }, position) {
  const found = find(map, position);
  return found && { ...found, file: path.relative(root, source) };
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
