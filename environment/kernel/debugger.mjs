// The debugger: what Node's inspector says of the main thread, in the words of the Debug Adapter Protocol. It runs in the
// control thread, and goes on while the main one stands at a breakpoint. Without one that is attached nothing is slower.
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../setup/paths.mjs';
import { Breakpoints } from './breakpoints.mjs';
import { DebugScripts, isCellPath } from './debug-scripts.mjs';

/** Must be that of debug-target.mjs, which this thread does not load: it would load the compiler. */
const targetKey = 'stfpm.debug';
const announcingFile = new URL('./announce-scripts.mjs', import.meta.url).href;

/** Named as one of Node's own scripts, so that nothing stops in it. */
const callOfTarget = `function (method, ...given) { return this[method](...given); }
//# sourceURL=node:debug-target
`;

/** So often is gone on from where no source is, such as a guard of a loop, before it is given up. */
const mostStepsOn = 100;
/** Of so many awaits it is known who waits for them: what catches an exception may be there. */
const asyncDepth = 16;
/** A signal that is sent to the process itself has been taken by then. */
const signalMilliseconds = 30;

/** All there is. */
export const threadId = 1;

/**
 * @typedef {import('node:inspector').Debugger.CallFrame} CallFrame
 * @typedef {import('node:inspector').Debugger.PausedEventDataType} Paused
 * @typedef {import('node:inspector').Runtime.RemoteObject} RemoteObject
 * @typedef {import('@vscode/debugprotocol').DebugProtocol.StoppedEvent['body']} Stopped
 * @typedef {'stepInto' | 'stepOver' | 'stepOut'} Step
 *
 * @typedef {object} Frame
 * @property {number} id
 * @property {string} name
 * @property {import('./debug-scripts.mjs').Place} place
 * @property {CallFrame} call
 */

export class Debugger {
  /** @type {Session | null} */
  #session = null;
  /** @type {string} the main thread's part */
  #target = '';
  #scripts = new DebugScripts(root);
  #serial = 0;
  /** @type {Frame[] | null} the stack where the main thread stands, the innermost first; null while it runs */
  #frames = null;
  #frameCount = 0;
  /** @type {{ scopes: RemoteObject[], frame: Frame }[]} what has been asked for of the frames */
  #scopes = [];
  /** @type {Step | null} what was asked for last, if it has not come to its end */
  #step = null;
  #stepsOn = 0;
  /** @type {Frame | null} where it stood last */
  #from = null;
  /** @type {'none' | 'uncaught' | 'all'} */
  #exceptions = 'none';
  /** @type {string | null} the inspector's breakpoint at the beginning of a cell */
  #beginning = null;
  /** Whether a cell's own code runs, or is waited for. */
  #isCellRunning = false;
  /** Whether it is to stop wherever it is. */
  #isPauseAsked = false;
  /** Whether the running cell is being ended. */
  #isEnding = false;

  /**
   * @param {(event: string, body: object) => void} send an event to the client
   * @param {(isAsked: boolean) => void} askToPause tells the loops of cells
   */
  constructor(send, askToPause) {
    this.send = send;
    this.askToPause = askToPause;
    this.breakpoints = new Breakpoints(this.#scripts, (method, given) => this.#post(method, given));
  }

  isAttached = false;

  get scripts() {
    return this.#scripts;
  }

  get isStopped() {
    return this.#frames !== null;
  }

  /** Of a stopped thread. @returns {Frame[]} */
  get frames() {
    return this.#frames ?? [];
  }

  async attach() {
    if (this.isAttached) return;
    await this.#connect();
    this.isAttached = true;
    await this.#post('Debugger.enable');
    await this.#post('Debugger.setBlackboxPatterns', { patterns: notTheReaders() });
    await this.#post('Debugger.setAsyncCallStackDepth', { maxDepth: asyncDepth });
    await this.#learn();
    await this.setExceptions(this.#exceptions);
  }

  /** The main thread goes on, if it was stopped. */
  async detach() {
    const wasStopped = this.isStopped;
    this.breakpoints.clear();
    this.#exceptions = 'none';
    if (this.isAttached) await this.call('forget').catch(ignoreEnd);
    this.#session?.disconnect();
    this.#session = null;
    this.#scripts.clear();
    this.isAttached = false;
    this.#isPauseAsked = false;
    this.askToPause(false);
    this.#ran();
    if (wasStopped) this.send('continued', { threadId, allThreadsContinued: true });
  }

  /** Lets go of the main thread, which ends and answers nothing any more. */
  close() {
    this.#session?.disconnect();
    this.#session = null;
  }

  /** @param {'none' | 'uncaught' | 'all'} which exceptions stop the thread */
  async setExceptions(which) {
    this.#exceptions = which;
    // Every cell runs within the kernel's own `try`: for the inspector none of its exceptions is uncaught.
    const state = which === 'none' ? 'none' : 'all';
    if (this.isAttached) await this.#post('Debugger.setPauseOnExceptions', { state });
  }

  /** @param {'resume' | Step} how */
  async go(how) {
    if (!this.isStopped) throw new Error('The cells run: they are stopped nowhere.');
    this.#step = how === 'resume' ? null : how;
    this.#stepsOn = 0;
    await this.call('forget');
    this.#ran();
    this.send('continued', { threadId, allThreadsContinued: true });
    await this.#post(`Debugger.${how}`);
  }

  /** Stops the cell that runs, or else the next one where it begins. */
  async pause() {
    if (!this.isAttached) throw new Error('Attach first.');
    if (this.isStopped) return;
    this.#isPauseAsked = true;
    this.askToPause(true);
    // Not while the kernel compiles: the inspector would look at every function that the compiler calls.
    if (this.#isCellRunning) await this.#post('Debugger.pause');
  }

  /**
   * @param {number} id
   * @returns {Frame}
   */
  frame(id) {
    const frame = this.frames.find((one) => one.id === id);
    if (frame === undefined) throw new RangeError(`There is no frame ${id}: ask for the stack.`);
    return frame;
  }

  /**
   * The innermost scopes of a frame, by kind.
   * @param {number} id the frame's
   * @returns {{ locals: number, closure: number | null, isCell: boolean }} by which their variables are asked for
   */
  scopesOf(id) {
    const frame = this.frame(id);
    const chain = frame.call.scopeChain.filter(
      ({ type }) => type !== 'global' && type !== 'script',
    );
    const first = chain.findIndex(({ type }) => type === 'closure' || type === 'module');
    const end = first < 0 ? chain.length : first;
    const add = (/** @type {typeof chain} */ scopes) =>
      -this.#scopes.push({ scopes: scopes.map(({ object }) => object), frame });
    return {
      locals: add(chain.slice(0, end)),
      closure: end < chain.length ? add(chain.slice(end)) : null,
      isCell: isCellPath(frame.place.path),
    };
  }

  /**
   * @param {number} reference that `scopesOf` gave
   * @returns {{ scopes: RemoteObject[], frame: Frame }}
   */
  scope(reference) {
    const scope = this.#scopes[-reference - 1];
    if (scope === undefined) {
      throw new RangeError(`There is no scope ${reference}: ask for those of a frame.`);
    }
    return scope;
  }

  /**
   * @param {string} expression in TypeScript
   * @param {number | undefined} frameId where; without it, where the cells are
   * @returns {Promise<RemoteObject>}
   * @throws what it throws, as an Error of the same text
   */
  async evaluate(expression, frameId) {
    const frame = frameId === undefined ? undefined : this.frame(frameId);
    const run = (/** @type {string} */ code) => {
      const given = { expression: code, objectGroup: 'evaluated', silent: true };
      return frame === undefined
        ? this.#post('Runtime.evaluate', given)
        : this.#post('Debugger.evaluateOnCallFrame', {
            ...given,
            callFrameId: frame.call.callFrameId,
          });
    };
    await this.call('lend', expression);
    try {
      const found = await run(expression);
      const isSyntax = found.exceptionDetails?.exception?.className === 'SyntaxError';
      return resultOf(isSyntax ? await run(await this.call('withoutTypes', expression)) : found);
    } finally {
      await this.call('takeBack');
    }
  }

  /**
   * Calls a method of the main thread's part, also while that stands still.
   *
   * @param {string} method
   * @param {...(RemoteObject | string | number | boolean | null)} given objects of the main thread as the inspector names
   *   them, and values
   * @returns {Promise<any>} by value
   */
  async call(method, ...given) {
    return this.#call(false, method, given);
  }

  /**
   * As `call`, for what answers later, which it cannot while its thread stands still.
   *
   * @param {string} method
   * @param {...(RemoteObject | string | number | boolean | null)} given
   * @returns {Promise<any>} by value
   */
  async callLater(method, ...given) {
    return this.#call(true, method, given);
  }

  /**
   * @param {boolean} awaitPromise
   * @param {string} method
   * @param {(RemoteObject | string | number | boolean | null)[]} given
   */
  async #call(awaitPromise, method, given) {
    await this.#connect();
    const { result, exceptionDetails } = await this.#post('Runtime.callFunctionOn', {
      objectId: this.#target,
      functionDeclaration: callOfTarget,
      arguments: [{ value: method }, ...given.map(asArgument)],
      returnByValue: true,
      awaitPromise,
      silent: true,
    });
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionText(exceptionDetails.exception).replace(/^\w*Error: /, ''));
  }

  /** A stopped cell is to end: it goes on to do so, and stops nowhere until it has. */
  async endCell() {
    await this.#endCell().catch(ignoreEnd);
  }

  async #endCell() {
    const frames = this.#frames;
    if (frames === null || this.#session === null) return;
    this.#isEnding = true;
    await this.#post('Debugger.setSkipAllPauses', { skip: true });
    // What runs from the cell's beginning without a pause Node ends by itself, and tells who has called it. What runs
    // later ends at its next await or round of a loop.
    const isWithinRun = this.#stack.some(({ location }) =>
      /\/environment\/kernel\/cell-executor\.mjs$/.test(this.#scripts.urlOf(location.scriptId)),
    );
    if (isWithinRun) {
      process.kill(process.pid, 'SIGINT');
      await sleep(signalMilliseconds);
    } else await this.call('interrupt');
    this.#ran();
    this.send('continued', { threadId, allThreadsContinued: true });
    await this.#post('Debugger.resume');
  }

  /** The cell has ended. */
  async cellEnded() {
    if (!this.#isEnding) return;
    this.#isEnding = false;
    if (!this.isAttached) return;
    await this.#post('Debugger.setSkipAllPauses', { skip: false }).catch(ignoreEnd);
  }

  /** @type {CallFrame[]} with the kernel's frames and all others */
  #stack = [];

  async #connect() {
    if (this.#session !== null) return;
    const session = new Session();
    session.connectToMainThread();
    this.#session = session;
    session.on('Debugger.scriptParsed', ({ params }) =>
      this.#scripts.parsed(params.scriptId, params.url),
    );
    session.on('Debugger.paused', ({ params }) => {
      this.#paused(params).catch((error) => {
        if (this.#session === null) return; // it has gone in the meantime
        process.emitWarning(`The debugger cannot stop here: ${error.message}`);
        this.#post('Debugger.resume').catch(ignoreEnd);
      });
    });
    const expression = `globalThis[Symbol.for(${JSON.stringify(targetKey)})]`;
    const { result } = await this.#post('Runtime.evaluate', { expression });
    this.#target = String(result.objectId);
  }

  /**
   * @param {string} method of the inspector's protocol
   * @param {object} [given]
   * @returns {Promise<any>}
   */
  async #post(method, given = {}) {
    if (this.#session === null) throw new Error('The debugger is not attached.');
    return /** @type {any} */ (this.#session).post(method, given);
  }

  /** @param {Paused} paused */
  async #paused({ callFrames, reason, data, hitBreakpoints = [], asyncStackTrace }) {
    const [top] = callFrames;
    if (this.#scripts.urlOf(top.location.scriptId) === announcingFile) {
      await this.#passKernel(top.functionName);
      return;
    }
    const isException = reason === 'exception' || reason === 'promiseRejection';
    const frames = this.#readersOf(callFrames);
    const isHit = hitBreakpoints.length > 0 || isException;
    const isReaders = this.#scripts.isReaders(top.location.scriptId);
    if (this.#isEnding || (frames.length === 0 && !isReaders)) {
      await this.#post('Debugger.resume');
      return;
    }
    if (isException && this.#exceptions === 'uncaught') {
      if (await this.#isCaught(callFrames, asyncStackTrace)) {
        await this.#post(`Debugger.${this.#step ?? 'resume'}`);
        return;
      }
    }
    const isBetween = isReaders && (frames[0]?.call !== top || this.#isStillAt(frames[0]));
    if ((!isHit && isBetween && this.#stepsOn < mostStepsOn) || frames.length === 0) {
      this.#stepsOn++;
      await this.#post(`Debugger.${this.#step ?? 'stepInto'}`);
      return;
    }
    this.#frames = frames;
    this.#from = frames[0];
    this.#stack = callFrames;
    const isBeginning = this.#beginning !== null && hitBreakpoints.includes(this.#beginning);
    if (this.#beginning !== null) {
      await this.#post('Debugger.removeBreakpoint', { breakpointId: this.#beginning });
      this.#beginning = null;
    }
    const stopped = isException
      ? { reason: 'exception', text: exceptionText(data) }
      : hitBreakpoints.length > 0 && !isBeginning
        ? { reason: 'breakpoint', hitBreakpointIds: this.breakpoints.idsOf(hitBreakpoints) }
        : { reason: this.#step === null ? 'pause' : 'step' };
    this.#step = null;
    this.#isPauseAsked = false;
    this.askToPause(false);
    /** @type {Stopped} */
    const body = { ...stopped, threadId, allThreadsStopped: true };
    this.send('stopped', body);
  }

  /**
   * @param {Frame} frame
   * @returns {boolean} whether a step has come no further than to another part of its line, or to the guard through which
   *   the line's awaited value comes; but to its beginning only in another round of a loop
   */
  #isStillAt({ place, call }) {
    const from = this.#from;
    if (this.#step === null || from === null) return false;
    if (place.path !== from.place.path || place.line !== from.place.line) return false;
    const [before, now] = [from.call, call].map(({ functionLocation: at, location }) => ({
      of: `${at?.scriptId}:${at?.lineNumber}:${at?.columnNumber}`,
      at: location.lineNumber * 1e6 + (location.columnNumber ?? 0),
    }));
    return before.of === now.of && (place.isGuard || now.at > before.at);
  }

  /**
   * @param {CallFrame[]} calls
   * @returns {Frame[]} those of cells and the lab's files
   */
  #readersOf(calls) {
    return calls.flatMap((call) => {
      const place = this.#scripts.sourceOf(call.location);
      if (place === null) return [];
      const cell = /^cell-(\d+)$/.exec(this.#scripts.urlOf(call.location.scriptId));
      const isTop =
        cell !== null && call.functionName === '' && call.functionLocation?.lineNumber === 0;
      const name = call.functionName || (isTop ? `cell ${cell[1]}` : '(anonymous)');
      return [{ id: ++this.#frameCount, name, place, call }];
    });
  }

  /**
   * @param {CallFrame[]} calls
   * @param {Paused['asyncStackTrace']} waiting who awaits them
   * @returns {Promise<boolean>} whether a cell or one of the lab's files catches what is thrown
   */
  async #isCaught(calls, waiting) {
    const places = calls.map(({ location }) => location);
    for (let trace = waiting; trace !== undefined; trace = trace.parent) {
      places.push(...trace.callFrames);
    }
    for (const location of places) {
      if (this.#scripts.sourceOf(location) === null) continue;
      const { scriptId, lineNumber, columnNumber = 0 } = location;
      const { scriptSource } = await this.#post('Debugger.getScriptSource', { scriptId });
      if (await this.call('isCaught', scriptSource, lineNumber, columnNumber)) return true;
    }
    return false;
  }

  /** @param {string} place the function of the kernel's in which the main thread has stopped for the debugger's sake */
  async #passKernel(place) {
    if (place === 'pauseHere' && this.#isPauseAsked) {
      await this.#post('Debugger.stepOut');
      return;
    }
    if (place === 'announceScripts') {
      await this.#learn();
      this.#isCellRunning = true;
      if (this.#isPauseAsked) await this.#stopAtBeginning();
    } else if (place === 'endSteps') {
      this.#isCellRunning = false;
      this.#step = null;
    }
    await this.#post('Debugger.resume');
  }

  /** The cell that is about to run stops where it begins. */
  async #stopAtBeginning() {
    const first = this.#scripts.beginning;
    if (first === null) return;
    const { breakpointId } = await this.#post('Debugger.setBreakpointByUrl', first);
    this.#beginning = breakpointId;
  }

  /** Takes the scripts that were compiled since, and sets in them the breakpoints that are asked for. */
  async #learn() {
    const { serial, scripts } = await this.call('scriptsSince', this.#serial);
    this.#serial = serial;
    for (const script of scripts) this.#scripts.add(script);
    await this.breakpoints.setAll();
  }

  #ran() {
    this.#frames = null;
    this.#stack = [];
    this.#scopes = [];
  }
}

/** @returns {string[]} patterns of the addresses of scripts that are stepped over, and in which nothing stops */
function notTheReaders() {
  const escaped = (/** @type {string} */ url) => url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const environment = escaped(new URL('..', import.meta.url).href);
  return [`^(?!${escaped(announcingFile)}$)(?:node:|.*/node_modules/|${environment})`];
}

/**
 * @param {{ result: RemoteObject, exceptionDetails?: import('node:inspector').Runtime.ExceptionDetails }} answer
 * @returns {RemoteObject}
 */
function resultOf({ result, exceptionDetails }) {
  if (exceptionDetails === undefined) return result;
  throw new Error(exceptionText(exceptionDetails.exception) || exceptionDetails.text);
}

/** @param {any} thrown a remote object */
function exceptionText(thrown) {
  const text = String(thrown?.description ?? thrown?.value ?? '');
  return text.split(/\n\s+at /)[0];
}

/** @param {RemoteObject | string | number | boolean | null} given */
function asArgument(given) {
  if (typeof given !== 'object' || given === null) return { value: given };
  const { objectId, unserializableValue, value } = given;
  if (objectId !== undefined) return { objectId };
  return unserializableValue !== undefined ? { unserializableValue } : { value };
}

/** The main thread, or the debugger, has gone in the meantime. */
function ignoreEnd() {}
