// Where a position in compiled code comes from. tslab compiles in two steps (TypeScript to modern
// JavaScript, that to CommonJS) and keeps no maps; here both steps are made to give theirs.
import { SourceMap } from 'node:module';
import path from 'node:path';

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
    const maps = match && scripts.get(match[2]);
    if (!match || !maps) return [line];
    const source = lookUp(maps, Number(match[3]), Number(match[4]));
    if (source === null) return [];
    const isCell = path.basename(source.file) === cellSource;
    const place = isCell
      ? `${match[2].replace('-', ' ')}, line ${source.line - linesBeforeCell}`
      : `${source.file}:${source.line}:${source.column}`;
    // A function of an earlier cell is called as a member of tslab's proxy of all variables.
    const caller = match[1].trimEnd().replace('at Proxy.', 'at ');
    return [caller.endsWith('at') ? `${caller} ${place}` : `${caller} (${place})`];
  });
}

/**
 * @param {ScriptMaps} maps
 * @param {number} line from 1
 * @param {number} column from 1
 * @returns {{ file: string, line: number, column: number } | null}
 */
function lookUp({ lines, toModern, toSource }, line, column) {
  if (line > lines) return null;
  const modern = find(toModern, line, column);
  const source = modern && find(toSource, modern.originalLine + 1, modern.originalColumn + 1);
  if (!source) return null;
  const file = path.relative(root, absolute(source.originalSource));
  return { file, line: source.originalLine + 1, column: source.originalColumn + 1 };
}

/**
 * @param {string} map JSON
 * @param {number} line from 1
 * @param {number} column from 1
 */
function find(map, line, column) {
  const entry = new SourceMap(JSON.parse(map)).findEntry(line - 1, column - 1);
  return 'originalLine' in entry && entry.originalLine !== undefined ? entry : null;
}
