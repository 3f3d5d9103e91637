// Comms: Jupyter's connections between a cell's code and the notebook's page, on which widgets stand.
//
//   globalThis[Symbol.for('stfpm.comm')](target, opening, handlers)
//
// opens one to what the page knows under the target's name. What comes from the page is handled between the awaits of
// whatever cell runs, and what a handler prints and shows is that of the cell that has opened the comm. Comms that the page
// opens are closed at once: the kernel has nothing that it could ask for by a name.
import { randomUUID } from 'node:crypto';
import { Cell, cellContext } from './cell.mjs';
import { isInterruption, reportError } from './error-report.mjs';
import { Interrupted } from './interrupted.mjs';

/**
 * What goes over a comm in either direction.
 * @typedef {object} CommMessage
 * @property {Record<string, unknown>} [data] JSON
 * @property {Record<string, unknown>} [metadata] JSON
 * @property {Uint8Array[]} [buffers] bytes, which are no part of the JSON
 */

/**
 * @typedef {object} CommHandlers
 * @property {(message: Required<CommMessage>) => unknown} [onMessage] called for each message, in order; a promise that it
 *   returns holds up nothing, and what it throws is shown below the cell
 * @property {(message: Required<CommMessage>) => unknown} [onClose] called once, when the page closes the comm
 */

/**
 * The cell's end of a comm. Nothing goes over one that is closed.
 * @typedef {object} Comm
 * @property {string} id
 * @property {(message: CommMessage) => void} send
 * @property {(message?: CommMessage) => void} close
 */

/** @typedef {(type: string, content: Record<string, unknown>, rest: CommMessage) => void} Publish */

export class Comms {
  /** @type {Map<string, { target: string, handlers: CommHandlers, cell: Cell }>} those that are open */
  #open = new Map();
  /** @type {Set<Cell>} handlers at work */
  #handling = new Set();

  /** @param {() => Cell | null} currentCell */
  constructor(currentCell) {
    /** @type {(target: string, opening?: CommMessage, handlers?: CommHandlers) => Comm} */
    const open = (target, opening = {}, handlers = {}) => {
      const cell = currentCell();
      if (cell === null) throw new Error('A comm is opened by a cell, and none has run.');
      const id = randomUUID();
      /** @type {(type: string, message: CommMessage, more?: object) => void} */
      const send = (type, message, more) => {
        const content = { comm_id: id, ...more, data: message.data ?? {} };
        (currentCell() ?? cell).output.comm(type, content, message);
      };
      send('comm_open', opening, { target_name: target });
      this.#open.set(id, { target, handlers, cell });
      return {
        id,
        send: (message) => {
          if (this.#open.has(id)) send('comm_msg', message);
        },
        close: (message = {}) => {
          if (this.#open.delete(id)) send('comm_close', message);
        },
      };
    };
    Object.defineProperty(globalThis, Symbol.for('stfpm.comm'), { value: open });
  }

  /**
   * @param {{ target_name?: unknown }} content of a comm_info_request
   * @returns {Record<string, unknown>} the content of its reply: those that are open, of one target or of all
   */
  info({ target_name: name }) {
    const found = [...this.#open].filter(([, { target }]) => (name ?? target) === target);
    const comms = Object.fromEntries(
      found.map(([id, { target }]) => [id, { target_name: target }]),
    );
    return { status: 'ok', comms };
  }

  /**
   * Takes a message of the page's. One of a comm that is not open is dropped: the page may not have heard of its end.
   * @param {import('./message.mjs').Message} message of type comm_open, comm_msg or comm_close; may hold anything
   * @param {Publish} publish in answer to it
   */
  receive({ header, content, metadata, buffers }, publish) {
    const id = content.comm_id;
    if (header.msg_type === 'comm_open') {
      if (typeof id === 'string' && !this.#open.has(id))
        publish('comm_close', { comm_id: id, data: {} }, {});
      return;
    }
    const comm = this.#open.get(id);
    if (comm === undefined) return;
    const isClosing = header.msg_type === 'comm_close';
    if (isClosing) this.#open.delete(id);
    const { onMessage, onClose } = comm.handlers;
    const data = isPlain(content.data) ? content.data : {};
    void this.#handle(comm.cell, publish, () =>
      (isClosing ? onClose : onMessage)?.({ data, metadata, buffers }),
    );
  }

  /** Ends the handlers that are at work, each at its next await or round of a loop. */
  interrupt() {
    for (const cell of this.#handling) {
      cell.isAbandoned = true;
      cell.stop(new Interrupted());
    }
  }

  /**
   * @param {Cell} opener
   * @param {Publish} publish what the handler sends is an answer to the message: a page that is loaded anew looks for it
   * @param {() => unknown} handler
   */
  async #handle({ count, output }, publish, handler) {
    // The cell itself may have been interrupted since, which ends only what it has begun.
    const cell = new Cell('', count, { ...output, comm: publish });
    this.#handling.add(cell);
    try {
      await cellContext.run(cell, handler);
    } catch (error) {
      if (!isInterruption(error)) {
        output.stream('stderr', reportError(error).traceback.join('\n') + '\n');
      }
    } finally {
      this.#handling.delete(cell);
    }
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isPlain(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
