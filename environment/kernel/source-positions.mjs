// Where a position in compiled code comes from. The modules of `dist` have maps beside them. tslab
// compiles cells in two steps (TypeScript to modern JavaScript, that to CommonJS) and keeps no maps;
// here both steps are made to give theirs.
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { distOf } from '../build/state.mjs';

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
const root = process.cwd();

/** @param {number} count the execution count of the cell that is compiled next */
export function nameNextCell(count) {
  cellName = `cell-${count}`;
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
  return { ...output, outputText: isCell ? `${text}//# sourceURL=${name}\n` : text };
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
 * Puts the positions of the sources into a stack trace. What a cell's compiled code has no source
 * for, such as the call that starts it, is left out.
 *
 * @param {string[]} lines
 * @returns {string[]}
 */
export function translatePositions(lines) {
  return lines.flatMap((line) => {
    const match = /^(\s+at .*?)(?:async )?\(?((?:\/|cell-)[^():]*):(\d+):(\d+)\)?$/.exec(line);
    if (!match) return [line];
    const position = { line: Number(match[3]), column: Number(match[4]) };
    const maps = scripts.get(match[2]);
    const source = maps ? lookUp(maps, position) : lookUpBuilt(match[2], position);
    if (source === null) return maps ? [] : [line];
    const isCell = path.basename(source.file) === cellSource;
    const place = isCell
      ? `${match[2].replace('-', ' ')}, line ${source.line - linesBeforeCell}`
      : `${source.file}:${source.line}:${source.column}`;
    // A function of an earlier cell is called as a member of tslab's proxy of all variables.
    const caller = match[1].trimEnd().replace('at Proxy.', 'at ');
    return [caller.endsWith('at') ? `${caller} ${place}` : `${caller} (${place})`];
  });
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
