// The main thread's part of the debugger: what the control thread's (see debugger.mjs) calls through Node's inspector. It
// does so too while this thread stands at a breakpoint: nothing here waits for anything, but `show`.
import { scriptsSince } from './source-positions.mjs';
import { ts } from './tslab.mjs';

/** Under which symbol the global object has it. */
export const targetKey = 'stfpm.debug';

/** Names that the kernel gives to every cell, or Node to every module: no variables of the reader's. */
const machinery = new Set(
  [
    'exports',
    'require',
    'module',
    '__filename',
    '__dirname',
    '_importMeta',
    '_import',
    'arguments',
  ].concat(['__createBinding', '__setModuleDefault', '__importStar', '__importDefault']),
);

/** @typedef {import('./variables.mjs').Variable} Variable */

export class DebugTarget {
  /** @type {string[]} names of cells' variables that the global object has for a moment */
  #lent = [];

  /**
   * @param {import('./variables.mjs').Variables} variables
   * @param {object} session
   * @param {(name: string) => void} session.declare lets cells use a variable that they have not declared
   * @param {() => void} session.interrupt ends the running cell at its next await, unless it does so in order
   */
  constructor(variables, { declare, interrupt }) {
    this.variables = variables;
    this.declare = declare;
    this.interrupt = interrupt;
    Object.defineProperty(globalThis, Symbol.for(targetKey), { value: this });
  }

  /** @param {number} serial */
  scriptsSince(serial) {
    return scriptsSince(serial);
  }

  /** @returns {Variable[]} those of the cells */
  list() {
    return this.variables.list();
  }

  /** @param {number} reference */
  members(reference) {
    return this.variables.members(reference);
  }

  forget() {
    this.variables.forget();
  }

  /**
   * @param {...object} scopes as the inspector gives them, the innermost first
   * @returns {Variable[]} of a name that several have, the innermost one
   */
  scope(...scopes) {
    /** @type {Map<string, PropertyDescriptor>} */
    const found = new Map();
    for (const scope of scopes) {
      for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(scope))) {
        if (!found.has(name) && !machinery.has(name)) found.set(name, member);
      }
    }
    return [...found].map(([name, member]) => ({
      ...this.variables.describe(name, member.value),
      evaluateName: name,
    }));
  }

  /**
   * @param {unknown} value
   * @returns {Variable} of a value without a name
   */
  describe(value) {
    return this.variables.describe('', value);
  }

  /** @param {string} name of a variable of the cells */
  show(name) {
    return this.variables.show(name);
  }

  /** @param {unknown} value to look at while this thread stands still */
  look(value) {
    return this.variables.look(value);
  }

  /**
   * What is evaluated in a function of `src` or between two cells sees the variables of the cells for as long as the
   * global object has them: compiled cells name each others' differently.
   * @param {string} code
   */
  lend(code) {
    const names = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
    for (const name of names) {
      const { values } = this.variables;
      if (!Object.hasOwn(values, name) || name in globalThis) continue;
      this.#lent.push(name);
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => values[name],
        set: (value) => {
          values[name] = value;
        },
      });
    }
  }

  takeBack() {
    for (const name of this.#lent.splice(0)) Reflect.deleteProperty(globalThis, name);
  }

  /**
   * @param {string} code an expression or statements in TypeScript
   * @returns {string} in JavaScript, on the same lines
   */
  withoutTypes(code) {
    const target = ts.ScriptTarget.ES2022;
    return ts.transpileModule(code, { compilerOptions: { target } }).outputText;
  }

  /**
   * @param {string} name
   * @param {unknown} value of the variable that all cells have from now on
   */
  define(name, value) {
    this.variables.values[name] = value;
    this.declare(name);
  }

  /**
   * @param {string} name of a variable of the cells
   * @param {unknown} value
   * @returns {Variable}
   */
  set(name, value) {
    this.variables.values[name] = value;
    return this.variables.describe(name, value);
  }

  /**
   * @param {unknown} one
   * @param {unknown} other
   */
  isSame(one, other) {
    return Object.is(one, other);
  }

  /**
   * @param {number} reference of a value that has members
   * @param {string} name of the member
   * @param {unknown} value
   * @returns {Variable} the member
   */
  assign(reference, name, value) {
    return this.variables.assign(reference, name, value);
  }

  /**
   * @param {string} js
   * @param {number} line from 0
   * @param {number} column from 0
   * @returns {boolean} whether what is thrown there is caught in the same function
   */
  isCaught(js, line, column) {
    const file = ts.createSourceFile('s.js', js, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
    const starts = file.getLineStarts();
    if (line >= starts.length) return false;
    const at = starts[line] + Math.max(0, column);
    let isCaught = false;
    /** @param {import('typescript').Node} node */
    const visit = (node) => {
      if (at < node.pos || at >= node.end) return;
      if (ts.isFunctionLike(node)) isCaught = false;
      if (ts.isTryStatement(node) && node.catchClause && at < node.tryBlock.end) isCaught = true;
      ts.forEachChild(node, visit);
    };
    visit(file);
    return isCaught;
  }
}
