// What the debugger knows of scripts: which source each comes from, and where. A source is a cell, by the path that
// Jupyter's front ends make of its text, or a file.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { distOf } from '../build/state.mjs';
import { builtPath } from './built-modules.mjs';
import { murmur2 } from './murmur2.mjs';
import { decodeMappings } from './source-map.mjs';

/** How the path of a cell is made: `prefix`, the hash of its text as a decimal number, `suffix`. */
export const cellPaths = { prefix: 'cell-', suffix: '.ts', seed: 0xc70f6907 };

/** @param {string} code of a cell */
export function cellPath(code) {
  return `${cellPaths.prefix}${murmur2(code, cellPaths.seed)}${cellPaths.suffix}`;
}

/**
 * @typedef {import('./source-positions.mjs').Segment} Segment
 * @typedef {{ lineNumber: number, columnNumber?: number }} Position of a script, from 0
 * @typedef {{ path: string, line: number, column: number, isGuard: boolean }} Place in a source, from 1; of a guard that the
 *   kernel has put around it
 * @typedef {object} Script
 * @property {string} path of its source
 * @property {Segment[]} segments
 */

export class DebugScripts {
  /** @type {Map<string, string>} the address of every script by the inspector's identifier */
  #urls = new Map();
  /** @type {Map<string, Script>} cells, and files beside `src`, by their address */
  #compiled = new Map();
  /** @type {Map<string, { map: string, script: Script }>} modules of `dist`, with the map that was read */
  #built = new Map();
  /** @type {Map<string, string>} the text of each cell, by its path */
  #cells = new Map();

  /** @type {({ url: string } & Position) | null} where the cell begins that was compiled last */
  beginning = null;

  /** @param {string} root the checkout */
  constructor(root) {
    this.root = root;
  }

  /**
   * @param {string} id
   * @param {string} url
   */
  parsed(id, url) {
    this.#urls.set(id, url);
  }

  /** @param {string} id */
  urlOf(id) {
    return this.#urls.get(id) ?? '';
  }

  /** The debugger is gone: the next one is told of all scripts anew. */
  clear() {
    this.#urls.clear();
  }

  /** @param {import('./source-positions.mjs').CompiledScript} script */
  add({ url, file, code, segments }) {
    const source = code === null ? String(file) : this.addCell(code);
    this.#compiled.set(url, { path: source, segments });
    const first = segments.find((one) => one[2] !== undefined && one[4] !== true);
    if (code !== null && first !== undefined) {
      this.beginning = { url, lineNumber: first[0], columnNumber: first[1] };
    }
  }

  /**
   * @param {string} code of a cell, which may run later
   * @returns {string} its path
   */
  addCell(code) {
    const at = cellPath(code);
    this.#cells.set(at, code);
    return at;
  }

  /** @param {string} id @returns {boolean} whether the script is a cell or one of the lab's files */
  isReaders(id) {
    return this.#scriptOf(this.urlOf(id)) !== null;
  }

  /**
   * @param {{ scriptId: string } & Position} location
   * @returns {Place | null} null of what is the kernel's, Node's or a package's
   */
  sourceOf({ scriptId, lineNumber, columnNumber = 0 }) {
    const script = this.#scriptOf(this.urlOf(scriptId));
    if (script === null) return null;
    const found = segmentAt(script.segments, lineNumber, columnNumber);
    const [, , line, column = 0, isGuard = false] = found ?? [];
    return line === undefined
      ? null
      : { path: script.path, line: line + 1, column: column + 1, isGuard };
  }

  /**
   * @param {string} source its path
   * @param {number} line from 1
   * @returns {{ url: string, line: number, position: Position }[]} in every script that comes from it, where the line
   *   begins that was asked for, or the next one that has code
   */
  positionsOf(source, line) {
    return this.#scriptsFrom(this.pathOf(source)).flatMap(([url, { segments }]) => {
      const start = startOf(segments, line - 1);
      return start === null ? [] : [{ url, ...start }];
    });
  }

  /**
   * @param {string} source as a client names it: the path of a cell or file, which may be relative to the checkout
   * @returns {string} the same for each way of naming it
   */
  pathOf(source) {
    return this.#cells.has(source) || isCellPath(source) ? source : path.resolve(this.root, source);
  }

  /**
   * @param {string} source
   * @returns {string} its text
   * @throws where there is none
   */
  textOf(source) {
    const code = this.#cells.get(source);
    if (code !== undefined) return code;
    const file = this.pathOf(source);
    // Not for reading whatever there is on the machine.
    if (!/\.[cm]?[jt]sx?$/.test(file) || !fs.existsSync(file)) {
      throw new RangeError(`There is no source ${JSON.stringify(source)}.`);
    }
    return fs.readFileSync(file, 'utf8');
  }

  /** @returns {{ name: string, path: string }[]} the files of `src` and beside it that are loaded */
  modules() {
    const paths = [...this.#urls.values()].flatMap((url) => this.#scriptOf(url)?.path ?? []);
    return [...new Set(paths)]
      .filter((one) => path.isAbsolute(one))
      .map((one) => ({ name: path.relative(this.root, one), path: one }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * @param {string} url
   * @returns {Script | null}
   */
  #scriptOf(url) {
    const compiled = this.#compiled.get(url);
    if (compiled !== undefined) return compiled;
    if (!url.startsWith(`${pathToFileURL(distOf(this.root)).href}/`)) return null;
    return this.#builtScript(url);
  }

  /**
   * @param {string} url of a module of `dist`
   * @returns {Script | null} null where its map is gone
   */
  #builtScript(url) {
    const file = fileURLToPath(url);
    let map;
    try {
      map = fs.readFileSync(`${file}.map`, 'utf8');
    } catch {
      return this.#built.get(url)?.script ?? null;
    }
    const known = this.#built.get(url);
    if (known?.map === map) return known.script;
    const { mappings, sources } = JSON.parse(map);
    const segments = decodeMappings(mappings).flatMap((line, i) =>
      line.map(
        ([column, , sourceLine, sourceColumn]) =>
          /** @type {Segment} */ (
            sourceLine === undefined ? [i, column] : [i, column, sourceLine, sourceColumn]
          ),
      ),
    );
    const script = { path: path.resolve(path.dirname(file), sources[0]), segments };
    this.#built.set(url, { map, script });
    return script;
  }

  /**
   * @param {string} source
   * @returns {[url: string, script: Script][]}
   */
  #scriptsFrom(source) {
    const compiled = [...this.#compiled].filter(([, script]) => script.path === source);
    const built = builtPath(source, this.root).replace(/\.ts$/, '.js');
    if (built === source || !path.isAbsolute(source)) return compiled;
    const url = pathToFileURL(built).href;
    const script = this.#builtScript(url);
    return script === null ? compiled : [...compiled, [url, script]];
  }
}

/** @param {string} source */
export function isCellPath(source) {
  return source.startsWith(cellPaths.prefix) && source.endsWith(cellPaths.suffix);
}

/**
 * @param {Segment[]} segments
 * @param {number} line
 * @param {number} column
 * @returns {Segment | undefined} the one that holds the position; before the first of a line, that one
 */
function segmentAt(segments, line, column) {
  const ofLine = segments.filter((one) => one[0] === line);
  return ofLine.filter((one) => one[1] <= column).at(-1) ?? ofLine[0];
}

/**
 * @param {Segment[]} segments
 * @param {number} line of the source, from 0
 * @returns {{ line: number, position: Position } | null} null where there is no code from it on
 */
function startOf(segments, line) {
  let next = Infinity;
  for (const [, , one] of segments)
    if (one !== undefined && one >= line) next = Math.min(next, one);
  const found = segments.filter((one) => one[2] === next && one[4] !== true);
  if (found.length === 0) return null;
  // `exports.f = f;` at the top of a module comes from the line of the function, too: the last lines that follow one
  // another are what the line was compiled to.
  let first = found.length - 1;
  while (first > 0 && found[first][0] - found[first - 1][0] <= 1) first--;
  const [lineNumber, columnNumber] = found[first];
  return { line: next + 1, position: { lineNumber, columnNumber } };
}
