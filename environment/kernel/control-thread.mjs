// A thread that listens on Jupyter's control channel, where interruptions and the end are asked for:
// the main one cannot listen while a cell keeps it busy.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Message } from './message.mjs';
import { SendQueue } from './send-queue.mjs';

/** After so long without an answer the main thread is busy with something that does not end soon. */
const busyMilliseconds = 500;

const require = createRequire(import.meta.url);
const { Router } = createRequire(require.resolve('tslab/dist/jupyter'))('zeromq');

/** @type {Record<'pending' | 'closed', Int32Array> & Record<'address' | 'key', string> & { endMilliseconds: number }} */
const { address, key, pending, closed, endMilliseconds } = workerData;
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);

const socket = new Router();
await socket.bind(address);
const queue = new SendQueue(socket);
port.on('message', (/** @type {Uint8Array[] | 'close'} */ message) => {
  if (message === 'close') socket.close();
  else queue.send(message.map(bytes));
});
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
