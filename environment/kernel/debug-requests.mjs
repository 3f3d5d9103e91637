// Jupyter's `debug_request`, with bodies as the Debug Adapter Protocol has them and some of Jupyter's own: answered by the
// control thread, whatever the main one does.
import { cellPaths } from './debug-scripts.mjs';
import { Debugger, threadId } from './debugger.mjs';
import { pngOf } from './grey-picture.mjs';

/** @typedef {import('@vscode/debugprotocol').DebugProtocol.Response} Response */
/** @typedef {import('@vscode/debugprotocol').DebugProtocol.Variable} Variable */

/** @typedef {{ is: (value: any) => boolean, expected: string, otherwise?: unknown }} Shape `otherwise`: if it may be left out */

/** @type {Record<'text' | 'count' | 'reference' | 'source' | 'breakpoints' | 'texts' | 'name', Shape>} */
const is = {
  text: { is: (value) => typeof value === 'string', expected: 'a string' },
  count: { is: (value) => Number.isInteger(value) && value >= 0, expected: 'an integer from 0' },
  reference: { is: Number.isInteger, expected: 'an integer' },
  source: {
    is: (value) => typeof value?.path === 'string' && value.path !== '',
    expected: 'an object with a path',
  },
  breakpoints: {
    is: (value) => Array.isArray(value) && value.every(isBreakpoint),
    expected: 'a list of objects with a line from 1 and perhaps a condition',
  },
  texts: {
    is: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
    expected: 'a list of strings',
  },
  name: {
    is: (value) => typeof value === 'string' && variableName.test(value),
    expected: "a variable's name",
  },
};
const variableName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** @param {any} value */
function isBreakpoint(value) {
  const { line, condition = '' } = value ?? {};
  return Number.isInteger(line) && line > 0 && typeof condition === 'string';
}

/** @type {Record<string, Shape>} */
const nothing = {};

/** What the arguments of each request are. Others than those that are used may be there, too. */
const shapes = {
  initialize: nothing,
  attach: nothing,
  configurationDone: nothing,
  disconnect: nothing,
  terminate: nothing,
  dumpCell: { code: is.text },
  setBreakpoints: { source: is.source, breakpoints: { ...is.breakpoints, otherwise: [] } },
  setExceptionBreakpoints: { filters: is.texts },
  source: { source: is.source },
  threads: nothing,
  stackTrace: {
    startFrame: { ...is.count, otherwise: 0 },
    levels: { ...is.count, otherwise: 0 },
  },
  scopes: { frameId: is.reference },
  variables: { variablesReference: is.reference },
  setVariable: { variablesReference: is.reference, name: is.text, value: is.text },
  evaluate: { expression: is.text, frameId: { ...is.reference, otherwise: undefined } },
  continue: nothing,
  next: nothing,
  stepIn: nothing,
  stepOut: nothing,
  pause: nothing,
  modules: nothing,
  debugInfo: nothing,
  inspectVariables: nothing,
  richInspectVariables: {
    variableName: is.text,
    frameId: { ...is.reference, otherwise: undefined },
  },
  copyToGlobals: {
    srcVariableName: is.text,
    dstVariableName: is.name,
    srcFrameId: is.reference,
  },
};

/**
 * @typedef {typeof shapes} Shapes
 * @typedef {keyof Shapes} Command
 */

/** The variables of the cells, as a scope; those of a frame's scopes are below 0, of what has members above. */
const cellsReference = 2 ** 31 - 1;

/** The last steps of a debugger's client that Jupyter's has not. */
export class DebugRequests {
  #debugger;

  /**
   * @param {(event: object) => void} send publishes a debug_event
   * @param {(isAsked: boolean) => void} askToPause tells the loops of cells
   */
  constructor(send, askToPause) {
    let seq = 0;
    const sendEvent = (/** @type {string} */ event, /** @type {object} */ body) =>
      send({ type: 'event', seq: ++seq, event, body });
    this.#debugger = new Debugger(sendEvent, askToPause);
  }

  /**
   * @param {Record<string, unknown>} request
   * @returns {Promise<Response>} the content of a debug_reply; what goes wrong is told in it
   */
  async answer(request) {
    const seq = typeof request.seq === 'number' ? request.seq : 0;
    const command = typeof request.command === 'string' ? request.command : '';
    const reply = { type: 'response', seq, request_seq: seq, command };
    try {
      if (!isCommand(command))
        throw new Error(`This kernel has no answer to ${command || 'that'}.`);
      const given = argumentsOf(command, request.arguments ?? {});
      const answer = /** @type {(given: any) => Promise<object>} */ (this.#answers[command]);
      return { ...reply, success: true, body: await answer(given) };
    } catch (error) {
      return { ...reply, success: false, message: /** @type {Error} */ (error).message, body: {} };
    }
  }

  /** A cell is to end that may be stopped. */
  async endCell() {
    await this.#debugger.endCell();
  }

  async cellEnded() {
    await this.#debugger.cellEnded();
  }

  close() {
    this.#debugger.close();
  }

  /** @type {{ [K in Command]: (given: { [A in keyof Shapes[K]]: any }) => Promise<object> }} */
  #answers = {
    initialize: async () => ({
      supportsConfigurationDoneRequest: true,
      supportsConditionalBreakpoints: true,
      supportsEvaluateForHovers: true,
      supportsSetVariable: true,
      supportsModulesRequest: true,
      exceptionBreakpointFilters: [
        { filter: 'uncaught', label: 'Uncaught exceptions' },
        { filter: 'all', label: 'All exceptions' },
      ],
    }),
    attach: async () => {
      await this.#debugger.attach();
      this.#debugger.send('initialized', {});
      return {};
    },
    configurationDone: async () => ({}),
    disconnect: async () => {
      await this.#debugger.detach();
      return {};
    },
    terminate: async () => {
      await this.#debugger.detach();
      return {};
    },
    dumpCell: async ({ code }) => ({ sourcePath: this.#debugger.scripts.addCell(code) }),
    setBreakpoints: async ({ source, breakpoints }) => {
      if (!this.#debugger.isAttached) throw new Error('Attach first.');
      return { breakpoints: await this.#debugger.breakpoints.replace(source.path, breakpoints) };
    },
    setExceptionBreakpoints: async ({ filters }) => {
      const which = filters.includes('all')
        ? 'all'
        : filters.includes('uncaught')
          ? 'uncaught'
          : 'none';
      await this.#debugger.setExceptions(which);
      return {
        breakpoints: filters.map((/** @type {string} */ one) => ({
          verified: ['all', 'uncaught'].includes(one),
        })),
      };
    },
    source: async ({ source }) => ({
      content: this.#debugger.scripts.textOf(source.path),
      mimeType: 'text/typescript',
    }),
    threads: async () => ({ threads: [{ id: threadId, name: 'cells' }] }),
    stackTrace: async ({ startFrame, levels }) => {
      const { frames } = this.#debugger;
      const end = levels === 0 ? frames.length : startFrame + levels;
      const stackFrames = frames.slice(startFrame, end).map(({ id, name, place }) => {
        const { path, line, column } = place;
        return { id, name, line, column, source: { path, name: path.split('/').at(-1) } };
      });
      return { stackFrames, totalFrames: frames.length };
    },
    scopes: async ({ frameId }) => {
      const { locals, closure, isCell } = this.#debugger.scopesOf(frameId);
      const scopes = [{ name: 'Locals', variablesReference: locals, expensive: false }];
      if (closure !== null) {
        scopes.push({ name: 'Closure', variablesReference: closure, expensive: false });
      }
      if (isCell)
        scopes.push({ name: 'Cells', variablesReference: cellsReference, expensive: false });
      return { scopes };
    },
    variables: async ({ variablesReference }) => ({
      variables: await this.#variablesOf(variablesReference),
    }),
    setVariable: async ({ variablesReference, name, value }) => {
      const isScope = variablesReference < 0 || variablesReference === cellsReference;
      if (isScope) return this.#setIn(variablesReference, name, value);
      const found = await this.#debugger.evaluate(`(${value})`, this.#debugger.frames[0]?.id);
      return this.#debugger.call('assign', variablesReference, name, found);
    },
    evaluate: async ({ expression, frameId }) => {
      const value = await this.#debugger.evaluate(expression, frameId);
      /** @type {Variable} */
      const described = await this.#debugger.call('describe', value);
      const { value: result, type, variablesReference } = described;
      return { result, type, variablesReference };
    },
    continue: async () => {
      await this.#debugger.go('resume');
      return { allThreadsContinued: true };
    },
    next: async () => {
      await this.#debugger.go('stepOver');
      return {};
    },
    stepIn: async () => {
      await this.#debugger.go('stepInto');
      return {};
    },
    stepOut: async () => {
      await this.#debugger.go('stepOut');
      return {};
    },
    pause: async () => {
      await this.#debugger.pause();
      return {};
    },
    modules: async () => {
      const modules = this.#debugger.scripts.modules().map((one, id) => ({ id, ...one }));
      return { modules, totalModules: modules.length };
    },
    debugInfo: async () => ({
      isStarted: this.#debugger.isAttached,
      hashMethod: 'Murmur2',
      hashSeed: cellPaths.seed,
      tmpFilePrefix: cellPaths.prefix,
      tmpFileSuffix: cellPaths.suffix,
      breakpoints: this.#debugger.breakpoints.all,
      stoppedThreads: this.#debugger.isStopped ? [threadId] : [],
      richRendering: true,
      exceptionPaths: ['all', 'uncaught'],
      copyToGlobals: true,
    }),
    inspectVariables: async () => {
      if (!this.#debugger.isStopped) await this.#debugger.call('forget');
      return { variables: await this.#debugger.call('list') };
    },
    richInspectVariables: async ({ variableName, frameId }) => {
      if (!this.#debugger.isStopped) return this.#debugger.callLater('show', variableName);
      const value = await this.#debugger.evaluate(variableName, frameId);
      const { text, picture } = await this.#debugger.call('look', value);
      if (picture === null) return { data: { 'text/plain': text }, metadata: {} };
      const png = await pngOf(picture);
      return {
        data: { 'image/png': png, 'text/plain': `${text}\n${picture.caption}` },
        metadata: {},
      };
    },
    copyToGlobals: async ({ srcVariableName, dstVariableName, srcFrameId }) => {
      const value = await this.#debugger.evaluate(srcVariableName, srcFrameId);
      await this.#debugger.call('define', dstVariableName, value);
      return {};
    },
  };

  /**
   * @param {number} reference of a scope
   * @param {string} name of one of its variables
   * @param {string} value an expression
   * @returns {Promise<Variable>} the variable with its new value
   */
  async #setIn(reference, name, value) {
    const variables = await this.#variablesOf(reference);
    if (!variables.some((one) => one.name === name)) {
      throw new RangeError(`There is no variable ${JSON.stringify(name)} in this scope.`);
    }
    if (reference === cellsReference) {
      const found = await this.#debugger.evaluate(`(${value})`, this.#debugger.frames[0]?.id);
      return this.#debugger.call('set', name, found);
    }
    const { id } = this.#debugger.scope(reference).frame;
    const set = await this.#debugger.evaluate(`${name} = (${value})`, id);
    const now = await this.#debugger.evaluate(name, id);
    if (await this.#debugger.call('isSame', set, now)) return this.#debugger.call('describe', now);
    throw new Error(
      `${name} keeps its value: it is a constant, or its function runs optimised, until after the next step.`,
    );
  }

  /**
   * @param {number} reference
   * @returns {Promise<Variable[]>}
   */
  async #variablesOf(reference) {
    if (reference === cellsReference) return this.#debugger.call('list');
    if (reference >= 0) return this.#debugger.call('members', reference);
    return this.#debugger.call('scope', ...this.#debugger.scope(reference).scopes);
  }
}

/**
 * @param {string} name
 * @returns {name is Command}
 */
function isCommand(name) {
  return Object.hasOwn(shapes, name);
}

/**
 * @param {Command} command
 * @param {any} given
 * @returns {Record<string, unknown>}
 * @throws {TypeError} where they are not what the request needs
 */
function argumentsOf(command, given) {
  const shape = /** @type {Record<string, Shape>} */ (shapes[command]);
  return Object.fromEntries(
    Object.entries(shape).map(([name, one]) => {
      const value = given[name];
      if (value === undefined && 'otherwise' in one) return [name, one.otherwise];
      if (one.is(value)) return [name, value];
      const found = JSON.stringify(value) ?? 'nothing';
      throw new TypeError(
        `The argument ${name} of ${command}: expected ${one.expected}, found ${found.slice(0, 100)}.`,
      );
    }),
  );
}
