import { describeErrors } from '../build/build.mjs';
import {
  cellContext,
  passUnlessAbandoned,
  passUnlessInterrupted,
  passUnlessStopped,
} from './cell.mjs';
import { Comms } from './comms.mjs';
import { CellConverter } from './cell-converter.mjs';
import { CellExecutor } from './cell-executor.mjs';
import { installDisplay } from './display.mjs';
import { isInterruption, reportError } from './error-report.mjs';
import { executeResult } from './execute-result.mjs';
import { OutOfMemory } from './heap.mjs';
import { Interrupted } from './interrupted.mjs';
import { printPromisesPlainly } from './plain-promises.mjs';
import { bringUpToDate } from './rebuild.mjs';
import { redirectChildren } from './child-processes.mjs';
import { installInput } from './input.mjs';
import { redirectOutput } from './redirect-output.mjs';
import { folders, notebook } from './notebook-folder.mjs';
import { Variables } from './variables.mjs';
import { announceScripts, endSteps } from './announce-scripts.mjs';
import { DebugTarget } from './debug-target.mjs';

/** How long an interrupted cell that has asked for its signal may take to end by itself. */
const graceMilliseconds = 30_000;

const guards = {
  awaits: '__passUnlessStopped__',
  loops: '__passUnlessInterrupted__',
  importedLoops: '__passUnlessAbandoned__',
};

/**
 * What a cell came to.
 * @typedef {object} Outcome
 * @property {import('./error-report.mjs').ErrorReport | null} error
 * @property {{ data: Record<string, unknown>, metadata: Record<string, unknown> } | null} result
 */

/**
 * The variables and types that the cells share, and the running of cells, one at a time.
 *
 * @param {string} root where imports are resolved from
 */
export function createSession(root) {
  /** @type {import('./cell.mjs').Cell | null} */
  let running = null;
  /** @type {import('./cell.mjs').Cell | null} the running cell, or the last one: where stray output goes */
  let latest = null;
  /** @type {Promise<unknown>} fulfilled when the running cell has ended */
  let ended = Promise.resolve();

  const executor = new CellExecutor(folders, notebook);
  const converter = new CellConverter(guards, root, folders, {
    load: (files) => executor.load(files),
    rebind: (imports) => executor.rebind(imports),
  });
  Object.defineProperties(globalThis, {
    [guards.awaits]: { value: passUnlessStopped },
    [guards.loops]: { value: passUnlessInterrupted },
    [guards.importedLoops]: { value: passUnlessAbandoned },
  });
  const currentCell = () => cellContext.getStore() ?? latest;
  redirectOutput(currentCell);
  redirectChildren(currentCell);
  installInput(currentCell);
  installDisplay(() => latest);
  printPromisesPlainly();

  const warmUp = () => converter.compiler.warmUp();
  const variables = new Variables(executor.variables, () => converter.compiler.types());
  const comms = new Comms(currentCell);
  new DebugTarget(variables, {
    declare: (name) => converter.compiler.declare(name),
    interrupt: () => {
      // One that ends in order is told as ever: to be told twice would end it at once.
      if (running?.hasGivenSignal === false) interrupt();
    },
  });
  return { execute, interrupt, end, failOutside, warmUp, converter, comms };

  /**
   * @param {import('./cell.mjs').Cell} cell
   * @returns {Promise<Outcome>}
   */
  function execute(cell) {
    const outcome = run(cell);
    ended = outcome;
    return outcome;
  }

  /**
   * @param {import('./cell.mjs').Cell} cell
   * @returns {Promise<Outcome>}
   */
  async function run(cell) {
    running = latest = cell;
    try {
      return await cellContext.run(cell, async () => {
        let isEdited = false;
        const buildErrors = await bringUpToDate(root, {
          signal: cell.signal,
          onBegin: (reason) => {
            isEdited = true;
            cell.output.stream('stderr', `Compiling src: ${reason}.\n`);
          },
        });
        const conversion = converter.convert(cell.code, cell.count, { buildErrors, isEdited });
        if (isEdited && buildErrors.length > 0) {
          const errors = describeErrors(buildErrors);
          cell.output.stream('stderr', `${errors}\nUntil then, cells go on with what they have.\n`);
        }
        for (const note of conversion.notes) cell.output.stream('stderr', note);
        // An interruption during the conversion is told of only now. While a cell runs, Node has its
        // own way with the signal, and would drop one that was told of too late.
        await turnOfEventLoop();
        if (cell.failure !== null) throw cell.failure.error;
        const { script } = conversion;
        try {
          announceScripts();
          if (script !== null) cell.result = await executor.run(script);
        } catch (error) {
          cell.failure ??= { error };
          if (error instanceof OutOfMemory) executor.forget();
        } finally {
          endSteps();
          // A cell that fails keeps what it has defined before.
          converter.settle(conversion, script === null ? new Set() : executor.assigned);
        }
        // So is a promise that the cell left rejected.
        await turnOfEventLoop();
        abandonIfInterrupted(cell);
        const result =
          cell.failure || !cell.result
            ? null
            : await unlessStopped(Promise.resolve(executeResult(cell.result.value)), cell.signal);
        return { error: cell.failure && reportError(cell.failure.error), result };
      });
    } catch (error) {
      return { error: reportError(cell.failure?.error ?? error), result: null };
    } finally {
      cell.hasEnded = true;
      running = null;
    }
  }

  /** Ends the running cell, and the handlers of comms; a cell that has asked for its signal is given time, unless told twice. */
  function interrupt() {
    comms.interrupt();
    const cell = running;
    if (cell === null) return;
    const again = cell.signal.aborted;
    const patient = cell.hasGivenSignal && !again;
    cell.stop(new Interrupted());
    if (!patient) {
      abandon(cell);
      return;
    }
    setTimeout(() => {
      if (running === cell) abandon(cell);
    }, graceMilliseconds).unref();
  }

  /** Ends the running cell, and waits for it; one that has asked for its signal ends by itself. */
  async function end() {
    const cell = running;
    if (cell === null) return;
    cell.stop(new Interrupted());
    if (!cell.hasGivenSignal) abandon(cell);
    await ended;
  }

  /** @param {import('./cell.mjs').Cell} cell the running one */
  function abandon(cell) {
    cell.isAbandoned = true;
    executor.interrupt();
  }

  /**
   * An error that nothing awaits, such as a timer's or a promise's that was left alone. It fails
   * the running cell; when there is none it is shown below the last one.
   *
   * @param {unknown} error
   */
  function failOutside(error) {
    if (isInterruption(error)) return; // what is left of a cell that was stopped
    if (running !== null) {
      running.stop(error);
      abandon(running);
    } else if (latest !== null) {
      latest.output.stream('stderr', reportError(error).traceback.join('\n') + '\n');
    } else {
      console.error(error);
    }
  }
}

/**
 * What an interrupted cell has started and not waited for does not go on unseen.
 * @param {import('./cell.mjs').Cell} cell that has ended
 */
function abandonIfInterrupted(cell) {
  if (cell.failure !== null && isInterruption(cell.failure.error)) cell.isAbandoned = true;
}

/**
 * @template T
 * @param {Promise<T>} work that a method of the cell's may never end
 * @param {AbortSignal} signal
 * @returns {Promise<T>} rejected when the cell is stopped
 */
function unlessStopped(work, signal) {
  const stopped = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work, stopped]);
}

/** A whole one: the first may have begun its reading of signals before. */
async function turnOfEventLoop() {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
