import { setTimeout as sleep } from 'node:timers/promises';
import { Cell } from './cell.mjs';
import { ControlChannel, endMilliseconds } from './control-channel.mjs';
import { Editor } from './editor.mjs';
import { reportError } from './error-report.mjs';
import { History } from './history.mjs';
import { kernelInfo } from './kernel-info.mjs';
import { Message } from './message.mjs';
import { SendQueue } from './send-queue.mjs';
import { jupyter } from './tslab.mjs';

const { ZmqServer } = jupyter;

/**
 * How long to wait, once a cell has failed, for the requests that were sent before the failure is
 * known to the client, and that are not to run after it.
 */
const drainMilliseconds = 10;

/** The reply to the first question is sent by then, which the making of the compiler would hold up. */
const warmUpMilliseconds = 20;

/**
 * @typedef {{ send(frames: (Buffer | string)[]): Promise<void> }} Socket
 * @typedef {ReturnType<typeof import('./session.mjs').createSession>} Session
 */

/** Jupyter's messaging protocol over tslab's sockets. */
export class KernelServer extends ZmqServer {
  /** @type {{ socket: Socket, message: Message }[]} cells waiting for their turn */
  #queue = [];
  #busy = false;
  #history = new History();
  #count = 0;
  /** @type {ControlChannel | null} */
  #channel = null;

  /**
   * @param {Session} session
   * @param {string} connectionFile
   */
  constructor(session, connectionFile) {
    super({ close: () => {} }, connectionFile);
    this.session = session;
    this.editor = new Editor(session.converter.compiler);
  }

  /**
   * @param {any} socket
   * @param {number} port
   */
  async bindSocket(socket, port) {
    if (socket === this.control) return this.#startControl();
    // In place of these of the base class, which stay unbound, a thread has its own: they would
    // be deaf and dumb while a cell is busy.
    if (socket === this.iopub || socket === this.stdin) return;
    await super.bindSocket(socket, port);
  }

  async #startControl() {
    const { transport, ip, key, control_port, iopub_port, stdin_port } = this.connInfo;
    const [control, iopub, stdin] = [control_port, iopub_port, stdin_port].map(
      (port) => `${transport}://${ip}:${port}`,
    );
    const channel = new ControlChannel({ control, iopub, stdin }, key, (...frames) => {
      void this.handleShellMessage(channel, ...frames);
    });
    this.#channel = channel;
    await channel.bound;
  }

  /**
   * Called by the base class for every message on the shell and control channels.
   * @param {Socket} socket
   * @param {...Buffer} frames
   */
  async handleShellMessage(socket, ...frames) {
    const message = this.#parse(frames);
    if (message === null) return;
    const type = message.header.msg_type;
    if (type === 'execute_request') {
      this.#queue.push({ socket, message });
      await this.#executeQueue();
      return;
    }
    const answer = this.#answers.get(type);
    if (/^comm_(?:open|msg|close)$/.test(type)) return this.#receiveComm(message);
    // The protocol wants requests of unknown types ignored.
    if (answer === undefined) return;
    this.#publishStatus(message, 'busy');
    const content = await answered(() => answer(message.content));
    this.#send(socket, message, type.replace(/_request$/, '_reply'), content);
    this.#publishStatus(message, 'idle');
    // Whoever asks for it waits to see the kernel ready; only then is there time for more.
    if (type === 'kernel_info_request') setTimeout(this.session.warmUp, warmUpMilliseconds);
    if (type === 'shutdown_request') await this.#exit();
  }

  /** @type {Map<string, (content: any) => Content | Promise<Content>>} */
  #answers = new Map(
    Object.entries({
      kernel_info_request: () => kernelInfo(),
      complete_request: (content) => this.editor.complete(withCode(content)),
      inspect_request: (content) =>
        this.editor.inspect({ ...withCode(content), isDetailed: content.detail_level === 1 }),
      is_complete_request: (content) => this.editor.isComplete(withCode(content).code),
      comm_info_request: (content) => this.session.comms.info(content),
      history_request: (content) => ({ status: 'ok', history: this.#history.find(content) }),
      interrupt_request: () => {
        this.session.interrupt();
        return { status: 'ok' };
      },
      shutdown_request: async ({ restart }) => {
        await this.#stop();
        return { status: 'ok', restart: restart === true };
      },
    }),
  );

  /** @param {Message} message of a comm, which has no reply */
  #receiveComm(message) {
    this.#publishStatus(message, 'busy');
    this.session.comms.receive(message, (...args) => this.#publish(message, ...args));
    this.#publishStatus(message, 'idle');
  }

  async #executeQueue() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        await this.#execute(next.socket, next.message);
        if (this.#isStopping) return;
      }
    } finally {
      this.#busy = false;
    }
  }

  /**
   * @param {Socket} socket
   * @param {Message} message
   */
  async #execute(socket, message) {
    const { code, silent = false, store_history = true, stop_on_error = true } = message.content;
    const channel = this.#channel;
    if (channel === null) return;
    if (typeof code !== 'string') return this.#refuse(socket, message);
    this.#publishStatus(message, 'busy');
    const stored = !silent && store_history;
    const remember = stored ? this.#history.add(++this.#count, code) : () => {};
    const execution_count = this.#count;
    if (!silent) this.#publish(message, 'execute_input', { code, execution_count });

    const cell = new Cell(code, execution_count, {
      stream: (name, text) => this.#publish(message, 'stream', { name, text }),
      display: (bundle, update) =>
        this.#publish(message, update ? 'update_display_data' : 'display_data', bundle),
      comm: (type, content, rest) => this.#publish(message, type, content, rest),
      clear: (wait) => this.#publish(message, 'clear_output', { wait }),
      input: message.content.allow_stdin === false ? null : channel.inputFor(message),
      follow: (name, file) => channel.follow(message.header, name, file),
      whileWaiting: (spared, files, wait) => channel.whileWaiting(spared, files, wait),
    });
    const { error, result } = await this.session.execute(cell);

    /** @type {{ socket: Socket, message: Message }[]} */
    let dropped = [];
    if (error !== null) {
      if (!silent) this.#publish(message, 'error', error);
      if (stop_on_error) {
        await sleep(drainMilliseconds);
        dropped = this.#queue.splice(0);
      }
      this.#send(socket, message, 'execute_reply', { status: 'error', execution_count, ...error });
    } else {
      if (result !== null && !silent) {
        this.#publish(message, 'execute_result', { execution_count, ...result });
        remember(String(result.data['text/plain'] ?? ''));
      }
      const rest = { user_expressions: {}, payload: [] };
      this.#send(socket, message, 'execute_reply', { status: 'ok', execution_count, ...rest });
    }
    this.#publishStatus(message, 'idle');
    for (const { socket, message } of dropped) {
      this.#publishStatus(message, 'busy');
      this.#send(socket, message, 'execute_reply', { status: 'aborted' });
      this.#publishStatus(message, 'idle');
    }
  }

  /**
   * @param {Socket} socket
   * @param {Message} message a request to execute something that is no code
   */
  async #refuse(socket, message) {
    this.#publishStatus(message, 'busy');
    const content = await answered(() => withCode(message.content));
    this.#send(socket, message, 'execute_reply', { ...content, execution_count: this.#count });
    this.#publishStatus(message, 'idle');
  }

  /**
   * @param {Buffer[]} frames
   * @returns {Message | null} null for what is no message of ours
   */
  #parse(frames) {
    try {
      return Message.parse(frames, this.connInfo.key);
    } catch (error) {
      process.emitWarning(`A message was ignored: ${/** @type {Error} */ (error).message}`);
      return null;
    }
  }

  /**
   * @param {Socket} socket
   * @param {Message} request
   * @param {string} type
   * @param {unknown} content
   */
  #send(socket, request, type, content) {
    this.#queueOf(socket).send(request.answer(type, content, this.connInfo.key));
  }

  /**
   * @param {Message} request
   * @param {string} type
   * @param {unknown} content
   * @param {{ metadata?: Record<string, unknown>, buffers?: Uint8Array[] }} [rest]
   */
  #publish(request, type, content, rest) {
    this.#channel?.publish(request.header, type, content, rest);
  }

  /** @type {Map<Socket, SendQueue>} */
  #sendQueues = new Map();

  /** @param {Socket} socket */
  #queueOf(socket) {
    const queue = this.#sendQueues.get(socket) ?? new SendQueue(socket);
    this.#sendQueues.set(socket, queue);
    return queue;
  }

  /**
   * @param {Message} request
   * @param {'busy' | 'idle'} state
   */
  #publishStatus(request, state) {
    this.#publish(request, 'status', { execution_state: state });
  }

  #isStopping = false;

  /** Lets the running cell end, and starts no other. The control channel's thread sets the time limit. */
  async #stop() {
    this.#isStopping = true;
    await this.session.end();
  }

  async #exit() {
    // What was sent is on its way; the sockets' threads need a moment to send it.
    await sleep(50);
    this.close();
    // The sockets have still to tell their readers.
    await new Promise((resolve) => setImmediate(resolve));
    process.exit(0);
  }

  /** Ends the kernel where it is asked to by a signal. */
  async terminate() {
    await Promise.race([this.#stop(), sleep(endMilliseconds)]);
    await this.#exit();
  }
}

/** @typedef {Record<string, unknown>} Content of a message */

/**
 * A request may hold anything: one that cannot be answered fails itself, and not the running cell.
 *
 * @param {() => Content | Promise<Content>} answer
 * @returns {Promise<Content>} the content of the reply
 */
async function answered(answer) {
  try {
    return await answer();
  } catch (error) {
    return { status: 'error', ...reportError(error) };
  }
}

/**
 * @param {Content} content of a request on a cell that is being written
 * @returns {{ code: string, cursor_pos: number }} with the cursor at the end, unless it is told where
 */
function withCode({ code, cursor_pos }) {
  if (typeof code !== 'string') throw new TypeError('The request has no code.');
  const isWithin = Number.isInteger(cursor_pos) && Number(cursor_pos) >= 0;
  return { code, cursor_pos: isWithin ? Number(cursor_pos) : code.length };
}
