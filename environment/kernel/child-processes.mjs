// What child processes write with inherited output belongs to the cell: the kernel's own output is Jupyter's log.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** @typedef {'stdout' | 'stderr'} StreamName */
/** @typedef {import('./cell.mjs').Cell} Cell */

/** The children that nobody waits for with the whole thread: an interruption of those that are waited for spares them. */
const asynchronous = new Set();

/** @param {() => Cell | null} currentCell */
export function redirectChildren(currentCell) {
  redirectAsynchronous(currentCell);
  for (const name of /** @type {const} */ (['spawnSync', 'execSync', 'execFileSync'])) {
    redirectSynchronous(name, currentCell);
  }
  syncBuiltinESMExports();
}

/**
 * `spawn`, `fork` and all that is made of them.
 * @param {() => Cell | null} currentCell
 */
function redirectAsynchronous(currentCell) {
  const prototype = /** @type {any} */ (childProcess.ChildProcess.prototype);
  const { spawn } = prototype;
  /**
   * @this {any}
   * @param {{ stdio?: unknown }} options
   */
  prototype.spawn = function (options) {
    const cell = currentCell();
    const slots = slotsOf(options.stdio);
    const names = cell === null ? [] : slots.map(inheritedName);
    const stdio = slots.map((slot, i) => (names[i] ? 'pipe' : slot));
    const failed = spawn.call(this, slots.length > 0 ? { ...options, stdio } : options);
    const { pid } = this;
    if (pid !== undefined) {
      asynchronous.add(pid);
      this.once('exit', () => asynchronous.delete(pid));
    }
    names.forEach((name, i) => {
      const stream = this.stdio?.[i];
      if (!name || !stream) return;
      const decoder = new StringDecoder('utf8');
      const forward = (/** @type {string} */ text) => {
        if (text !== '') cell?.output.stream(name, text);
      };
      stream.on('data', (/** @type {Buffer} */ chunk) => forward(decoder.write(chunk)));
      stream.on('end', () => forward(decoder.end()));
      // As it is for whoever inherits.
      this.stdio[i] = null;
      if (i === 1) this.stdout = null;
      if (i === 2) this.stderr = null;
    });
    return failed;
  };
}

/**
 * A child that the thread waits for: the thread that publishes reads what it writes meanwhile, and ends it when the cell
 * is interrupted.
 *
 * @param {'spawnSync' | 'execSync' | 'execFileSync'} name
 * @param {() => Cell | null} currentCell
 */
function redirectSynchronous(name, currentCell) {
  const original = /** @type {(...args: any[]) => any} */ (childProcess[name]);
  /** @param {any[]} args */
  const redirected = (...args) => {
    const cell = currentCell();
    if (cell === null) return original(...args);
    /** @type {Map<StreamName, number>} */
    const files = new Map();
    const given = args.map((arg, i) => {
      if (i === 0 || typeof arg !== 'object' || arg === null || Array.isArray(arg)) return arg;
      const slots = slotsOf(arg.stdio);
      if (slots.length === 0) return arg;
      const stdio = slots.map((slot, at) => {
        const stream = inheritedName(slot, at);
        if (stream === null) return slot;
        const file = files.get(stream) ?? openUnnamed();
        files.set(stream, file);
        return file;
      });
      return { ...arg, stdio };
    });
    for (const [stream, file] of files) cell.output.follow(stream, file);
    return cell.output.whileWaiting([...asynchronous], [...files.values()], () =>
      original(...given),
    );
  };
  Object.defineProperty(redirected, 'name', { value: name });
  /** @type {any} */ (childProcess)[name] = redirected;
}

/** @returns {number} a file that only its descriptor leads to; whoever writes, writes at its end */
function openUnnamed() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cell-'));
  try {
    return fs.openSync(path.join(folder, 'output'), 'a+');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/**
 * @param {unknown} stdio as `spawn` takes it
 * @returns {unknown[]} one for each descriptor; none where it was left open
 */
function slotsOf(stdio) {
  if (Array.isArray(stdio)) return stdio;
  return typeof stdio === 'string' ? [stdio, stdio, stdio] : [];
}

/**
 * @param {unknown} slot what a descriptor of the child's is to be
 * @param {number} i the descriptor
 * @returns {StreamName | null} the stream of this process that it would be
 */
function inheritedName(slot, i) {
  const at = slot === 'inherit' ? i : slot;
  if (at === 1 || at === process.stdout) return 'stdout';
  if (at === 2 || at === process.stderr) return 'stderr';
  return null;
}
