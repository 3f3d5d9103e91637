import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMilliseconds = 300;

/**
 * Runs `work` while holding a lock file, so that two set-ups started at once take turns. A lock
 * left by a process that is gone is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(owner: number) => void} onWait called once, with the owner's process id, before waiting
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  while (!tryToTake(file)) {
    const owner = ownerOf(file);
    if (owner === null || !isAlive(owner)) {
      removeStale(file, owner);
      continue;
    }
    if (!told) onWait(owner);
    told = true;
    await sleep(pollMilliseconds);
  }
  const release = () => fs.rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/**
 * A hard link, unlike creating a file and then writing to it, lets nobody see an unwritten lock.
 * @param {string} file
 */
function tryToTake(file) {
  const own = `${file}.${process.pid}`;
  fs.writeFileSync(own, String(process.pid));
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/**
 * @param {string} file
 * @returns {number | null}
 */
function ownerOf(file) {
  try {
    return Number.parseInt(fs.readFileSync(file, 'utf8'), 10) || null;
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (pid === process.pid) return false; // left by an earlier process that had this number
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Moves the lock aside before deleting it: if another process has taken it over in the meantime,
 * the moved file is that process's own, and is put back.
 * @param {string} file
 * @param {number | null} staleOwner
 */
function removeStale(file, staleOwner) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // somebody else removed it first
  }
  if (ownerOf(aside) === staleOwner) fs.rmSync(aside, { force: true });
  else fs.renameSync(aside, file);
}
