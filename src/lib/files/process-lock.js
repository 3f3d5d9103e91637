// Lock files that keep two processes of one machine from doing the same thing at once. Plain
// JavaScript, since the set-up uses it before there is a compiler.
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { removeAbandoned, temporaryBeside } = require('./atomic-write.js');
const { isRunning, startOf } = require('./process-identity.js');

/*
 * The lock file holds the number and the start of its process, and is there with them from its
 * first moment, as a hard link to a file that was written before. A lock is stale when its process
 * is gone or its content is invalid. Only the holder of a second lock, on taking over the first,
 * replaces it, so that of two that both see it as stale one cannot replace the other's fresh lock.
 * That second lock may be stale too, and is then taken over in the same way.
 */

/**
 * @typedef {object} ProcessLock
 * @property {() => boolean} isHeld whether the file is still there and still this process's own
 * @property {() => void} release removes the file; the end of the process does so, too
 */

/** @typedef {{ pid: number, start: string | null }} Owner */

const pollMilliseconds = 300;

/** The locks of this process, for systems that do not say when a process started. */
const held = new Set();

/**
 * @param {string} file the lock; its folder is made if needed
 * @param {string} activity what its process does, for the message: `is training in this folder`
 * @returns {ProcessLock}
 * @throws {Error} naming the file and the process that holds it
 */
function acquireLock(file, activity) {
  const taken = tryToTake(path.resolve(file));
  if ('release' in taken) return taken;
  throw new Error(
    `${file}: process ${taken.pid} ${activity}; wait for it, or delete this lock file if that ` +
      'process is doing something else.',
  );
}

/**
 * Runs `work` while holding a lock, after waiting for any other process that holds it.
 *
 * @template T
 * @param {string} file the lock; its folder is made if needed
 * @param {() => Promise<T>} work
 * @param {(owner: number) => void} onWait called once, with the owner's process id, before waiting
 * @returns {Promise<T>}
 */
async function withLock(file, work, onWait) {
  let lock = tryToTake(path.resolve(file));
  if (!('release' in lock)) onWait(lock.pid);
  while (!('release' in lock)) {
    await sleep(pollMilliseconds);
    lock = tryToTake(path.resolve(file));
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * @param {string} file an absolute path
 * @returns {ProcessLock | Owner} the lock, or who holds it
 */
function tryToTake(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  removeAbandoned(file);
  const own = temporaryBeside(file);
  const content = `${process.pid} ${startOf(process.pid) ?? ''}`.trim();
  fs.writeFileSync(own, content, { flag: 'wx' });
  try {
    for (;;) {
      if (link(own, file)) return lockOf(file, content);
      const found = read(file);
      if (found === null) continue;
      const owner = parse(found);
      if (owner && isAtWork(owner, file)) return owner;
      const guard = tryToTake(`${file}.takeover`);
      if (!('release' in guard)) return guard;
      try {
        if (read(file) !== found) continue;
        fs.renameSync(own, file);
        return lockOf(file, content);
      } finally {
        guard.release();
      }
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/**
 * @param {string} own
 * @param {string} file
 * @returns {boolean} whether the lock's name was free; it is now that of this process's file
 */
function link(own, file) {
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST') return false;
    throw new Error(`${file}: expected a file system with hard links, for a lock: ${message}`, {
      cause: error,
    });
  }
}

/**
 * @param {string} file
 * @returns {string | null} null where there is none
 */
function read(file) {
  const stats = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isFile()) {
    const found = stats.isDirectory() ? 'a folder' : 'something else';
    throw new Error(`${file}: expected a lock file or nothing, found ${found}; remove it.`);
  }
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * @param {string} content
 * @returns {Owner | null}
 */
function parse(content) {
  const match = /^([1-9]\d{0,9})(?: (.+))?$/.exec(content.trim());
  return match && { pid: Number(match[1]), start: match[2] ?? null };
}

/**
 * @param {Owner} owner
 * @param {string} file
 */
function isAtWork({ pid, start }, file) {
  // In a container a process often has the number of the one before it.
  if (pid === process.pid && start === null) return held.has(file);
  return isRunning(pid, start);
}

/**
 * @param {string} file
 * @param {string} content
 * @returns {ProcessLock}
 */
function lockOf(file, content) {
  const isHeld = () => held.has(file) && read(file) === content;
  const release = () => {
    process.off('exit', release);
    // Somebody may have removed it by hand, and another process may have made its own.
    if (isHeld()) fs.rmSync(file, { force: true });
    held.delete(file);
  };
  held.add(file);
  process.once('exit', release);
  return { isHeld, release };
}

module.exports = { acquireLock, withLock };
