import { Message } from './message.mjs';
import { SendQueue } from './send-queue.mjs';

/** How long text is gathered after its first piece. */
const gatherMilliseconds = 20;
/** So many characters are sent without waiting for more. */
const gatherCharacters = 1 << 16;
/** The order of standard output and standard error is kept within so many changes from one to the other. */
const gatherTurns = 64;

/**
 * @typedef {object} Publication
 * @property {import('./message.mjs').Header & { msg_id?: string }} parent the request that it belongs to
 * @property {string} type
 * @property {string} content JSON
 * @property {Record<string, unknown>} [metadata]
 * @property {Uint8Array[]} [buffers]
 */

/**
 * Publishes on Jupyter's iopub channel. Text is gathered first: a client that is sent each line in a message of its own
 * falls behind and drops some. Everything is sent in the order in which it came.
 */
export class Publisher {
  /** @type {{ parent: Publication['parent'], name: string, pieces: string[] }[]} */
  #gathered = [];
  #characters = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #queue;

  /**
   * @param {{ send(frames: (string | Buffer)[]): Promise<void> }} socket
   * @param {string} key the connection's
   */
  constructor(socket, key) {
    this.#queue = new SendQueue(socket);
    this.key = key;
  }

  /** @param {Publication} publication */
  publish({ parent, type, content, metadata, buffers }) {
    if (type === 'stream') {
      this.#gather(parent, JSON.parse(content));
      return;
    }
    this.flush();
    this.#send(parent, type, JSON.parse(content), { metadata, buffers: buffers?.map(asBuffer) });
  }

  /** Sends what is gathered. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const gathered = this.#gathered.splice(0);
    this.#characters = 0;
    const texts = gathered.length > gatherTurns ? byStream(gathered) : gathered;
    for (const { parent, name, pieces } of texts) {
      this.#send(parent, 'stream', { name, text: pieces.join('') });
    }
  }

  /** @returns {Promise<void>} fulfilled once all is on its way */
  sent() {
    return this.#queue.sent();
  }

  /**
   * @param {Publication['parent']} parent
   * @param {{ name: string, text: string }} output
   */
  #gather(parent, { name, text }) {
    const last = this.#gathered.at(-1);
    if (last?.name === name && last.parent.msg_id === parent.msg_id) last.pieces.push(text);
    else this.#gathered.push({ parent, name, pieces: [text] });
    this.#characters += text.length;
    if (this.#characters >= gatherCharacters) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), gatherMilliseconds);
  }

  /**
   * @param {Publication['parent']} parent
   * @param {string} type
   * @param {unknown} content
   * @param {{ metadata?: Record<string, unknown>, buffers?: Buffer[] }} [rest]
   */
  #send(parent, type, content, rest) {
    const request = new Message([], parent, {});
    this.#queue.send(
      request.answer(type, content, this.key, { ...rest, identities: [Buffer.from(type)] }),
    );
  }
}

/** @param {Uint8Array} bytes as they come from another thread, which leaves nothing of a class */
function asBuffer({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * @template {{ parent: { msg_id?: string }, name: string, pieces: string[] }} T
 * @param {T[]} texts
 * @returns {T[]} one for each stream of each request
 */
function byStream(texts) {
  /** @type {Map<string, T>} */
  const streams = new Map();
  for (const text of texts) {
    const key = `${text.parent.msg_id} ${text.name}`;
    const one = streams.get(key);
    if (one === undefined) streams.set(key, { ...text, pieces: [...text.pieces] });
    else for (const piece of text.pieces) one.pieces.push(piece);
  }
  return [...streams.values()];
}
