/** The cells run so far in this session: what a console's arrow keys and search go through. */
export class History {
  /** @type {{ line: number, code: string, output: string | null }[]} */
  #entries = [];

  /**
   * @param {number} line the execution count
   * @param {string} code
   * @returns {(output: string) => void} to be told the cell's result, if there comes one
   */
  add(line, code) {
    /** @type {{ line: number, code: string, output: string | null }} */
    const entry = { line, code, output: null };
    this.#entries.push(entry);
    return (output) => {
      entry.output = output;
    };
  }

  /**
   * @param {{ hist_access_type?: string, output?: boolean, n?: number | null,
   *   start?: number | null, stop?: number | null, pattern?: string | null, unique?: boolean
   * }} request the content of a history_request
   * @returns {[session: number, line: number, cell: string | [string, string | null]][]}
   */
  find(request) {
    return this.#select(request).map(({ line, code, output }) => [
      0,
      line,
      request.output ? [code, output] : code,
    ]);
  }

  /** @param {Parameters<History['find']>[0]} request */
  #select({ hist_access_type: type, n, start, stop, pattern, unique = false }) {
    let found = this.#entries;
    if (type === 'range') {
      return found.filter(({ line }) => line >= (start ?? 0) && line < (stop ?? Infinity));
    }
    if (type === 'search') {
      const expression = globExpression(pattern ?? '*');
      found = found.filter(({ code }) => expression.test(code));
      // Of equal cells the last counts.
      const last = new Map(found.map((entry) => [entry.code, entry]));
      if (unique) found = [...last.values()].sort((a, b) => a.line - b.line);
    }
    return n === null || n === undefined ? found : found.slice(-n);
  }
}

/**
 * @param {string} pattern with `*` for any text and `?` for one character
 */
function globExpression(pattern) {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's');
}
