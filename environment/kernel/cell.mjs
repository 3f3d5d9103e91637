import { AsyncLocalStorage } from 'node:async_hooks';
import { pauseHere } from './announce-scripts.mjs';
import { controlWait, isPauseAsked, isTimeToLook } from './control-channel.mjs';
import { checkHeap } from './heap.mjs';
import { Interrupted } from './interrupted.mjs';

/**
 * Where a cell's output goes.
 * @typedef {object} CellOutput
 * @property {(name: 'stdout' | 'stderr', text: string) => void} stream
 * @property {(bundle: import('./display.mjs').DisplayBundle, update: boolean) => void} display
 * @property {import('./comms.mjs').Publish} comm sends a comm's message
 * @property {(wait: boolean) => void} clear removes the output so far; with `wait` only when the next
 *   one comes
 * @property {import('./input.mjs').CellInput | null} input what asks the reader; null where the front end takes no input
 * @property {(name: 'stdout' | 'stderr', file: number) => void} follow shows what is written to a file, by its
 *   descriptor, until `whileWaiting` is over
 * @property {<T>(spared: number[], files: number[], wait: () => T) => T} whileWaiting lets the thread wait for a child
 *   process, which an interruption ends, but not the spared ones; then closes the files that were followed
 */

/** One run of one cell, from its start for as long as anything that it started goes on. */
export class Cell {
  #abort = new AbortController();

  /**
   * @param {string} code
   * @param {number} count the execution count
   * @param {CellOutput} output
   */
  constructor(code, count, output) {
    this.code = code;
    this.count = count;
    this.output = output;
    /**
     * What ended the cell: an exception, an interruption, or an error outside of its own flow.
     * @type {{ error: unknown } | null}
     */
    this.failure = null;
    /** @type {{ value: unknown } | null} the value of its last expression, if it has one */
    this.result = null;
  }

  /** Aborts when the cell is interrupted or has failed. */
  get signal() {
    return this.#abort.signal;
  }

  /** The signal for the cell's code: long work that is given it can end in order, and gets a moment to do so. */
  takeSignal() {
    this.hasGivenSignal = true;
    return this.signal;
  }

  /** Whether the cell's code has asked for the signal. Work may look at it at times, without listening for events. */
  hasGivenSignal = false;

  /** Whether its code has run to its end, or failed. */
  hasEnded = false;

  /** Whether it is not waited for any more: what it has started is to end at the next occasion. */
  isAbandoned = false;

  /** @param {unknown} error the first one counts */
  stop(error) {
    this.failure ??= { error };
    this.#abort.abort(error);
  }
}

/** Follows the work that a cell starts, through every await and timer. */
export const cellContext = /** @type {AsyncLocalStorage<Cell>} */ (new AsyncLocalStorage());

/**
 * Called after each await of a cell's own code (see top-level-await.mjs): this is where a cell that
 * was stopped while it waited ends, rather than going on unseen.
 *
 * @template T
 * @param {T} value
 * @returns {T} the value
 */
export function passUnlessStopped(value) {
  if (cellContext.getStore()?.signal.aborted) throw new Interrupted();
  if (isTimeToLook()) look();
  return value;
}

/**
 * Called in each round of the loops of imported files (see guard-loops.mjs): they go on while a stopped
 * cell is given time, as a training that saves itself is, and end when it is waited for no longer.
 */
export function passUnlessAbandoned() {
  if (cellContext.getStore()?.isAbandoned) throw new Interrupted();
  if (isTimeToLook()) look();
}

/** What is looked at now and then while a cell runs. */
function look() {
  checkHeap();
  if (isPauseAsked()) pauseHere();
}

/** How long a loop of a cell that has asked for its signal may keep the thread. */
const busyMilliseconds = 5000;

/**
 * Called in each round of a cell's own loops: one that never awaits keeps the thread, so that an
 * interruption is not heard of. In a cell that has asked for its signal the loop may be part of what a
 * training calls, which is to end in order: such a one is ended only if it goes on and on.
 */
export function passUnlessInterrupted() {
  if (isTimeToLook()) look();
  const wait = controlWait();
  if (wait === null) return;
  const cell = cellContext.getStore();
  if (cell === undefined || (cell.hasGivenSignal && wait < busyMilliseconds)) return;
  cell.stop(new Interrupted());
  throw new Interrupted();
}
