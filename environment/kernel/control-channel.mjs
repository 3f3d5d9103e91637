import { Worker } from 'node:worker_threads';
import { sessionId } from './message.mjs';

/**
 * Shared with the other thread: how many requests on the control channel wait for this one, and whether some time has
 * passed since the second was last 0.
 */
const pending = new Int32Array(new SharedArrayBuffer(8));

/** @returns {boolean} true once every some milliseconds of a running cell: a look that is too dear for each round */
export function isTimeToLook() {
  return Atomics.load(pending, 1) === 1 && Atomics.exchange(pending, 1, 0) === 1;
}

/** When somebody was first found waiting; null once one has been heard. */
let foundWaiting = /** @type {number | null} */ (null);

/**
 * For how many milliseconds somebody has been known to wait while this thread is busy; null if nobody does. Called in
 * each round of busy loops.
 */
export function controlWait() {
  if (Atomics.load(pending, 0) === 0) return null;
  foundWaiting ??= performance.now();
  return performance.now() - foundWaiting;
}

/**
 * How long a cell may take to end in order, and to save its training, once the kernel is asked to end.
 * Jupyter sends SIGTERM after half of its `shutdown_wait_time` of 5 seconds, and SIGKILL at its end.
 */
export const endMilliseconds = 4500;

/** How long the other thread may take to close its sockets. */
const closingMilliseconds = 1000;

/**
 * Jupyter's control channel, listened to by a thread of its own, and the channel on which the kernel publishes, which
 * that thread serves as well: what a cell prints is sent while the cell keeps this one busy.
 */
export class ControlChannel {
  #thread;
  /** Becomes 1 once the other thread has closed its sockets. */
  #closed = new Int32Array(new SharedArrayBuffer(4));

  /**
   * @param {{ control: string, iopub: string }} addresses
   * @param {string} key the connection's
   * @param {(...frames: Buffer[]) => void} receive called for each request
   */
  constructor(addresses, key, receive) {
    this.#thread = new Worker(new URL('./control-thread.mjs', import.meta.url), {
      workerData: { addresses, key, pending, closed: this.#closed, endMilliseconds, sessionId },
    });
    // A thread that is ended with an open socket takes the process down with an error.
    process.once('exit', () => this.close());
    /** @type {Promise<void>} fulfilled once it listens */
    this.bound = new Promise((resolve, reject) => {
      this.#thread.once('error', reject);
      this.#thread.on('message', (/** @type {'bound' | Uint8Array[]} */ message) => {
        if (message === 'bound') return resolve();
        Atomics.sub(pending, 0, 1);
        foundWaiting = null;
        receive(...message.map((frame) => Buffer.from(frame)));
      });
    });
  }

  /**
   * As a socket has it.
   * @param {(Buffer | string)[]} frames
   */
  async send(frames) {
    this.#thread.postMessage(frames);
  }

  /**
   * @param {import('./message.mjs').Header} parent the request that it belongs to
   * @param {string} type
   * @param {unknown} content what a stream says is gathered (see publisher.mjs)
   */
  publish(parent, type, content) {
    this.#thread.postMessage({ parent, type, content: JSON.stringify(content) });
  }

  /** Waits for what is sent to be on its way, and for the sockets to be closed. */
  close() {
    this.#thread.postMessage('close');
    Atomics.wait(this.#closed, 0, 0, closingMilliseconds);
  }
}
