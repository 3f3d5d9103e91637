/**
 * Sends messages on a socket in order, at once while the socket takes them: after some hundred in
 * one go it does not, until the event loop has had a turn.
 */
export class SendQueue {
  /** @type {(string | Buffer)[][]} */
  #waiting = [];
  #flushing = false;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  /** @type {Promise<void>} */
  #flushed = Promise.resolve();

  /** @param {{ send(frames: (string | Buffer)[]): Promise<void> }} socket */
  constructor(socket) {
    this.socket = socket;
  }

  /** @param {(string | Buffer)[]} frames */
  send(frames) {
    if (!this.#flushing) {
      try {
        this.#last = this.socket.send(frames);
        this.#last.catch(ignoreClosedSocket);
        return;
      } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error);
        if (code !== 'EBUSY') return ignoreClosedSocket();
      }
    }
    this.#waiting.push(frames);
    if (!this.#flushing) this.#flushed = this.#flush();
  }

  /** @returns {Promise<void>} fulfilled once nothing waits any more */
  async sent() {
    await this.#flushed;
    await this.#last.catch(ignoreClosedSocket);
  }

  async #flush() {
    this.#flushing = true;
    try {
      await this.#last;
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        await this.socket.send(next);
      }
    } catch {
      ignoreClosedSocket();
    } finally {
      this.#flushing = false;
    }
  }
}

/** What is sent while the kernel shuts down has nowhere to go. */
function ignoreClosedSocket() {}
