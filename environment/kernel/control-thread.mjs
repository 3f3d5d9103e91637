// A thread that listens on Jupyter's control channel, where interruptions and the end are asked for, and publishes what
// cells print and show: the main one can do neither while a cell keeps it busy.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Message } from './message.mjs';
import { Publisher } from './publisher.mjs';
import { SendQueue } from './send-queue.mjs';

/** After so long without an answer the main thread is busy with something that does not end soon. */
const busyMilliseconds = 500;

/** How often a running cell's heap is looked at. */
const lookMilliseconds = 25;

/** @type {NodeJS.Timeout | undefined} */
let lookTimer;

const require = createRequire(import.meta.url);
const zmq = createRequire(require.resolve('tslab/dist/jupyter'))('zeromq');

/**
 * @type {Record<'pending' | 'closed', Int32Array>
 *   & { addresses: { control: string, iopub: string }, key: string, endMilliseconds: number }}
 */
const { addresses, key, pending, closed, endMilliseconds } = workerData;
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);

const socket = new zmq.Router();
// With a limit, what a cell writes faster than it can be sent would be dropped silently.
const iopub = new zmq.Publisher({ sendHighWaterMark: 0 });
await Promise.all([socket.bind(addresses.control), iopub.bind(addresses.iopub)]);
const queue = new SendQueue(socket);
const publisher = new Publisher(iopub, key);
port.on(
  'message',
  (/** @type {Uint8Array[] | import('./publisher.mjs').Publication | 'close'} */ message) => {
    if (message === 'close') void close();
    else if (Array.isArray(message)) queue.send(message.map(bytes));
    else {
      publisher.publish(message);
      followCell(message);
    }
  },
);
port.postMessage('bound');

for await (const frames of socket) {
  const message = parsed(frames);
  if (message === null) continue;
  Atomics.add(pending, 0, 1);
  port.postMessage(frames);
  const type = message.header.msg_type;
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
  }
}

/** Ends the loop above. */
async function close() {
  publisher.flush();
  await publisher.sent();
  iopub.close();
  socket.close();
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
