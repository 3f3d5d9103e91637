import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Interrupted } from './interrupted.mjs';
import { sessionId } from './message.mjs';

/**
 * Shared with the other thread: how many requests on the control channel wait for this one, whether some time has
 * passed since the second was last 0, and whether a debugger wants the cell to stop wherever it is.
 */
const pending = new Int32Array(new SharedArrayBuffer(12));

/** @returns {boolean} true once every some milliseconds of a running cell: a look that is too dear for each round */
export function isTimeToLook() {
  return Atomics.load(pending, 1) === 1 && Atomics.exchange(pending, 1, 0) === 1;
}

export function isPauseAsked() {
  return Atomics.load(pending, 2) === 1;
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
  /** Become 1 once an answer to a question has come, and once a child that this thread waits for was interrupted. */
  #waited = new Int32Array(new SharedArrayBuffer(8));
  #answers;
  /** @type {(answer: string | null) => void} */
  #answered = () => {};
  key;

  /**
   * @param {{ control: string, iopub: string, stdin: string }} addresses
   * @param {string} key the connection's
   * @param {(...frames: Buffer[]) => void} receive called for each request
   */
  constructor(addresses, key, receive) {
    const { port1, port2 } = new MessageChannel();
    this.key = key;
    this.#answers = port1;
    port1.on('message', (/** @type {string | null} */ answer) => {
      Atomics.store(this.#waited, 0, 0);
      this.#answered(answer);
    });
    this.#thread = new Worker(new URL('./control-thread.mjs', import.meta.url), {
      workerData: {
        ...{ addresses, key, pending, endMilliseconds, sessionId },
        ...{ closed: this.#closed, waited: this.#waited, answers: port2 },
      },
      transferList: [port2],
      // It closes files that this thread has opened.
      trackUnmanagedFds: false,
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
   * @param {{ metadata?: Record<string, unknown>, buffers?: Uint8Array[] }} [rest]
   */
  publish(parent, type, content, { metadata, buffers = [] } = {}) {
    // Copies, which go over without another one: of a view all that lies beside it would be copied.
    const bytes = buffers.map((buffer) => new Uint8Array(buffer));
    const message = { parent, type, content: JSON.stringify(content), metadata, buffers: bytes };
    this.#thread.postMessage(
      message,
      bytes.map(({ buffer }) => buffer),
    );
  }

  /**
   * @param {import('./message.mjs').Message} request of a cell
   * @returns {import('./input.mjs').CellInput} what asks the client that has sent it
   */
  inputFor(request) {
    const ask = (/** @type {string} */ prompt) => {
      Atomics.store(this.#waited, 0, 0);
      const content = { prompt, password: false };
      this.#thread.postMessage({ ask: request.answer('input_request', content, this.key) });
    };
    return {
      now: (prompt) => {
        ask(prompt);
        Atomics.wait(this.#waited, 0, 0);
        return receiveMessageOnPort(this.#answers)?.message ?? null;
      },
      later: (prompt) => {
        ask(prompt);
        return new Promise((resolve) => {
          this.#answered = resolve;
        });
      },
    };
  }

  /**
   * @param {import('./message.mjs').Header} parent the request of the cell that shows it
   * @param {'stdout' | 'stderr'} name
   * @param {number} file to show as it grows
   */
  follow(parent, name, file) {
    this.#thread.postMessage({ follow: file, parent, name });
  }

  /**
   * @template T
   * @param {number[]} spared child processes that an interruption leaves alone
   * @param {number[]} files that are followed
   * @param {() => T} wait for a child process
   * @returns {T}
   * @throws {Interrupted} if the child was interrupted; else what `wait` throws
   */
  whileWaiting(spared, files, wait) {
    this.#thread.postMessage({ waitFor: spared });
    /** @type {() => T} */
    let outcome;
    try {
      const value = wait();
      outcome = () => value;
    } catch (error) {
      outcome = () => {
        throw error;
      };
    }
    this.#thread.postMessage({ waitFor: null, files });
    if (Atomics.exchange(this.#waited, 1, 0) === 1) throw new Interrupted();
    return outcome();
  }

  /** Waits for what is sent to be on its way, and for the sockets to be closed. */
  close() {
    this.#thread.postMessage('close');
    Atomics.wait(this.#closed, 0, 0, closingMilliseconds);
  }
}
