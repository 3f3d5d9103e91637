// A thread that listens on Jupyter's control channel, where interruptions and the end are asked for, and publishes what
// cells print and show: the main one can do neither while a cell keeps it busy.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Message } from './message.mjs';
import { Publisher } from './publisher.mjs';
import { signalDescendants } from './process-tree.mjs';
import { SendQueue } from './send-queue.mjs';

/** After so long without an answer the main thread is busy with something that does not end soon. */
const busyMilliseconds = 500;

/** How often a running cell's heap is looked at. */
const lookMilliseconds = 25;

/** How often is looked at what a child process has written. */
const followMilliseconds = 50;

/** @type {NodeJS.Timeout | undefined} */
let lookTimer;
/** @type {NodeJS.Timeout | undefined} */
let followTimer;
/** Whether the reader has a question to answer. */
let isAsking = false;
/** The child processes to spare while the main thread waits for another; null while it does not wait. @type {number[] | null} */
let spared = null;
/** The signal for it once the cell is interrupted. @type {NodeJS.Signals | null} */
let ending = null;
/** Those that have been sent it. @type {Set<number>} */
const signalled = new Set();
/** @type {Promise<import('./debug-requests.mjs').DebugRequests> | undefined} made when first asked for */
let debugging;
/** Whether the end of a cell was asked for, which the main thread may not have heard of. */
let isEndAsked = false;
/** How often is looked for children that were started since. */
const endMillisecondsApart = 100;

/**
 * A file that a child process writes to.
 * @typedef {object} Followed
 * @property {number} follow its descriptor
 * @property {import('./message.mjs').Header} parent the cell's request
 * @property {'stdout' | 'stderr'} name
 * @property {number} at what has been read
 * @property {StringDecoder} decoder
 */

/** @type {Map<number, Followed>} */
const followed = new Map();

const require = createRequire(import.meta.url);
const zmq = createRequire(require.resolve('tslab/dist/jupyter'))('zeromq');

/**
 * @type {Record<'pending' | 'closed' | 'waited', Int32Array>
 *   & { addresses: Record<'control' | 'iopub' | 'stdin', string>, key: string, endMilliseconds: number }
 *   & { answers: import('node:worker_threads').MessagePort }}
 */
const { addresses, key, pending, closed, waited, answers, endMilliseconds } = workerData;
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);

const socket = new zmq.Router();
// With a limit, what a cell writes faster than it can be sent would be dropped silently.
const iopub = new zmq.Publisher({ sendHighWaterMark: 0 });
const stdin = new zmq.Router();
await Promise.all([
  socket.bind(addresses.control),
  iopub.bind(addresses.iopub),
  stdin.bind(addresses.stdin),
]);
const queue = new SendQueue(socket);
const questions = new SendQueue(stdin);
const publisher = new Publisher(iopub, key);
port.on(
  'message',
  (
    /** @type {Uint8Array[] | import('./publisher.mjs').Publication | 'close' | { ask: (Uint8Array | string)[] } | Followed
     *   | { waitFor: number[] | null, files?: number[] }} */ message,
  ) => {
    if (message === 'close') void close();
    else if (Array.isArray(message)) queue.send(message.map(bytes));
    else if ('ask' in message) {
      // What was printed before is read before.
      publisher.flush();
      isAsking = true;
      if (isEndUnheard()) answer(null);
      else questions.send(message.ask.map(bytes));
    } else if ('follow' in message) follow(message);
    else if ('waitFor' in message) {
      spared = message.waitFor;
      ending = null;
      signalled.clear();
      message.files?.forEach(unfollow);
      if (spared !== null && isEndUnheard()) endChild();
    } else {
      publisher.publish(message);
      followCell(message);
    }
  },
);
port.postMessage('bound');
void listenForAnswers();

for await (const frames of socket) {
  const message = parsed(frames);
  if (message === null) continue;
  const type = message.header.msg_type;
  if (type === 'debug_request') {
    void answerDebugRequest(message);
    continue;
  }
  Atomics.add(pending, 0, 1);
  port.postMessage(frames);
  if (type === 'interrupt_request' || type === 'shutdown_request') {
    isEndAsked = true;
    answer(null);
    if (spared !== null) endChild();
    void debugging?.then((requests) => requests.endCell());
  }
  if (type === 'interrupt_request') void insistOnInterruption();
  if (type === 'shutdown_request') void insistOnEnd(message);
}
// Only now: a thread that is ended while its socket still has something to tell it takes the process
// down with an error.
Atomics.store(closed, 0, 1);
Atomics.notify(closed, 0);

/**
 * While a cell runs, the main thread is told to look at its heap now and then.
 * @param {import('./publisher.mjs').Publication} publication
 */
function followCell({ type, content }) {
  if (type === 'execute_input') {
    lookTimer ??= setInterval(() => Atomics.store(pending, 1, 1), lookMilliseconds);
  } else if (type === 'status' && content.includes('idle')) {
    clearInterval(lookTimer);
    lookTimer = undefined;
    void debugging?.then((requests) => requests.cellEnded());
  }
}

/** @param {Message} message the main thread hears nothing of it, and may stand at a breakpoint */
async function answerDebugRequest(message) {
  const publish = (/** @type {string} */ type, /** @type {object} */ content) =>
    publisher.publish({ parent: message.header, type, content: JSON.stringify(content) });
  publish('status', { execution_state: 'busy' });
  // Loaded only for who wants a debugger.
  debugging ??= import('./debug-requests.mjs').then(
    ({ DebugRequests }) =>
      new DebugRequests(
        (event) => publish('debug_event', event),
        (isAsked) => Atomics.store(pending, 2, Number(isAsked)),
      ),
  );
  const content = await debugging.then(
    (requests) => requests.answer(message.content),
    // What keeps it from being loaded must not end this thread, which hears interruptions.
    (error) => ({ type: 'response', success: false, message: String(error) }),
  );
  queue.send(message.answer('debug_reply', content, key));
  publish('status', { execution_state: 'idle' });
}

/** Ends the loop above. */
async function close() {
  // Else Node would wait for the debugger to go.
  await debugging?.then((requests) => requests.close());
  publisher.flush();
  await publisher.sent();
  iopub.close();
  stdin.close();
  socket.close();
}

async function listenForAnswers() {
  for await (const frames of stdin) {
    const message = parsed(frames);
    if (message?.header.msg_type === 'input_reply') answer(String(message.content.value ?? ''));
  }
}

/** @param {string | null} text null when the cell is interrupted; what nobody has asked for is dropped */
function answer(text) {
  if (!isAsking) return;
  isAsking = false;
  answers.postMessage(text);
  Atomics.store(waited, 0, 1);
  Atomics.notify(waited, 0);
}

/** @returns {boolean} whether the cell is to end, and the main thread goes on with it because it does not know */
function isEndUnheard() {
  isEndAsked &&= Atomics.load(pending, 0) > 0;
  return isEndAsked;
}

/**
 * Ends the child process that the main thread waits for: in order when it is asked for first, at once the second time.
 */
function endChild() {
  Atomics.store(waited, 1, 1);
  signalled.clear();
  const isFirst = ending === null;
  ending = isFirst ? 'SIGINT' : 'SIGKILL';
  if (isFirst) void endChildren();
}

/** A child may be about to start only now, and may start others. */
async function endChildren() {
  while (spared !== null && ending !== null) {
    signalDescendants(process.pid, spared, ending, signalled);
    await sleep(endMillisecondsApart);
  }
}

/** @param {Pick<Followed, 'follow' | 'parent' | 'name'>} file */
function follow(file) {
  followed.set(file.follow, { ...file, at: 0, decoder: new StringDecoder('utf8') });
  followTimer ??= setInterval(() => followed.forEach(readOn), followMilliseconds);
}

/** @param {number} file whatever else it has is shown */
function unfollow(file) {
  const entry = followed.get(file);
  if (entry !== undefined) readOn(entry);
  followed.delete(file);
  fs.closeSync(file);
  if (followed.size > 0) return;
  clearInterval(followTimer);
  followTimer = undefined;
}

/** @param {Followed} file */
function readOn(file) {
  const buffer = Buffer.alloc(1 << 16);
  for (;;) {
    const length = fs.readSync(file.follow, buffer, 0, buffer.length, file.at);
    if (length === 0) return;
    file.at += length;
    const text = file.decoder.write(buffer.subarray(0, length));
    const content = JSON.stringify({ name: file.name, text });
    publisher.publish({ parent: file.parent, type: 'stream', content });
  }
}

/** The main thread may be too busy to take the request. */
async function insistOnInterruption() {
  await sleep(busyMilliseconds);
  // Node ends by it the code of a cell that runs without a pause from its start; other code looks
  // at `pending` by itself (see guard-loops.mjs).
  if (Atomics.load(pending, 0) > 0) process.kill(process.pid, 'SIGINT');
}

/** @param {Message} message */
async function insistOnEnd(message) {
  await sleep(endMilliseconds);
  const { restart } = message.content;
  queue.send(message.answer('shutdown_reply', { status: 'ok', restart: restart === true }, key));
  await sleep(50);
  process.kill(process.pid, 'SIGKILL');
}

/** @param {Buffer[]} frames */
function parsed(frames) {
  try {
    return Message.parse(frames, key);
  } catch (error) {
    process.emitWarning(`A message was ignored: ${/** @type {Error} */ (error).message}`);
    return null;
  }
}

/** @param {Uint8Array | string} frame as it comes from the other thread */
function bytes(frame) {
  return typeof frame === 'string' ? frame : Buffer.from(frame);
}
