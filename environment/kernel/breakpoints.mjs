/**
 * @typedef {import('@vscode/debugprotocol').DebugProtocol.SourceBreakpoint} Asked
 * @typedef {import('@vscode/debugprotocol').DebugProtocol.Breakpoint} Answered
 *
 * @typedef {object} Breakpoint
 * @property {number} id
 * @property {Asked} asked
 * @property {Map<string, string>} set the inspector's identifier in each script, by its address and the place there
 */

/** The breakpoints that are asked for, in all scripts that come from their sources. */
export class Breakpoints {
  /** @type {Map<string, Breakpoint[]>} by the source's path */
  #all = new Map();
  #count = 0;

  /**
   * @param {import('./debug-scripts.mjs').DebugScripts} scripts
   * @param {(method: string, given: object) => Promise<any>} post to the inspector
   */
  constructor(scripts, post) {
    this.scripts = scripts;
    this.post = post;
  }

  /** @returns {{ source: string, breakpoints: Asked[] }[]} */
  get all() {
    return [...this.#all].map(([source, points]) => ({
      source,
      breakpoints: points.map(({ asked }) => asked),
    }));
  }

  /**
   * In place of those that the source had.
   *
   * @param {string} source its path
   * @param {Asked[]} asked
   * @returns {Promise<Answered[]>} in the same order, each with the line where it stops: known once its source is
   *   compiled, which a cell is as it runs
   */
  async replace(source, asked) {
    const path = this.scripts.pathOf(source);
    for (const { set } of this.#all.get(path) ?? []) {
      for (const breakpointId of set.values()) {
        await this.post('Debugger.removeBreakpoint', { breakpointId });
      }
    }
    /** @type {Breakpoint[]} */
    const points = asked.map((one) => ({ id: ++this.#count, asked: one, set: new Map() }));
    if (points.length > 0) this.#all.set(path, points);
    else this.#all.delete(path);
    /** @type {Answered[]} */
    const answers = [];
    for (const point of points) {
      const line = await this.#set(path, point);
      const { id } = point;
      answers.push({
        id,
        verified: true,
        line: line ?? point.asked.line,
        source: { path: source },
      });
    }
    return answers;
  }

  /** Sets those that are missing, in scripts that were compiled since. */
  async setAll() {
    for (const [path, points] of this.#all)
      for (const point of points) await this.#set(path, point);
  }

  /**
   * @param {string[]} set the inspector's identifiers
   * @returns {number[]} the client's
   */
  idsOf(set) {
    return [...this.#all.values()]
      .flat()
      .filter((point) => [...point.set.values()].some((one) => set.includes(one)))
      .map(({ id }) => id);
  }

  /** The inspector has forgotten them. */
  clear() {
    this.#all.clear();
  }

  /**
   * @param {string} path
   * @param {Breakpoint} point
   * @returns {Promise<number | null>} the line where it stops; null where no script comes from the source yet
   */
  async #set(path, { asked, set }) {
    let found = null;
    const wanted = new Set();
    for (const { url, line, position } of this.scripts.positionsOf(path, asked.line)) {
      const key = `${url}:${position.lineNumber}:${position.columnNumber}`;
      wanted.add(key);
      found = line;
      if (set.has(key)) continue;
      const condition = asked.condition ? withCells(asked.condition) : undefined;
      const given = { url, ...position, condition };
      const { breakpointId } = await this.post('Debugger.setBreakpointByUrl', given);
      set.set(key, breakpointId);
    }
    // Of a file that was compiled anew since, the line is elsewhere.
    for (const [key, breakpointId] of set) {
      if (wanted.has(key)) continue;
      set.delete(key);
      await this.post('Debugger.removeBreakpoint', { breakpointId });
    }
    return found;
  }
}

/**
 * @param {string} condition
 * @returns {string} an expression that is true where the condition is, and where it fails: who wrote it sees it then. It
 *   may name variables of all cells.
 */
function withCells(condition) {
  const text = JSON.stringify(condition);
  const target = `globalThis[Symbol.for('stfpm.debug')]`;
  return `(() => { ${target}.lend(${text}); try { return eval(${text}); } catch { return true; } finally { ${target}.takeBack(); } })()`;
}
