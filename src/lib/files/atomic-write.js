// Writing files so that each is whole or as it was. Plain JavaScript, since the set-up uses it
// before there is a compiler.
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { isRunning } = require('./process-identity.js');

/**
 * Writes a file, whole or not at all: beside its place under another name, flushed to the disk and
 * renamed. On any failure, a full disk say, an older file stays as it was. Its folder is made if
 * needed; an older file's mode and owner are kept. What earlier processes left of this file when
 * they were killed while writing it is removed.
 *
 * A symbolic link is followed and its target written, as by any other program: whoever links a result
 * to another disk wants it there.
 *
 * @param {string} file
 * @param {string | Uint8Array | Iterable<Uint8Array>} content text (as UTF-8), bytes, or bytes in
 *   parts, one after the other
 * @throws {Error} naming the file, when it cannot be written or something other than a file, such as
 *   a folder or a device, has its name
 */
function writeFileAtomic(file, content) {
  try {
    const old = fs.statSync(file, { throwIfNoEntry: false });
    if (old && !old.isFile()) throw new Error(`expected a file to replace, found ${kindOf(old)}`);
    const target = targetOf(file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    removeAbandoned(target);
    const temporary = temporaryBeside(target);
    try {
      writeNew(temporary, content, old);
      fs.renameSync(temporary, target);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
    flushFolder(path.dirname(target));
  } catch (cause) {
    const { message, code } = /** @type {NodeJS.ErrnoException} */ (cause);
    throw Object.assign(new Error(`${file}: could not be written: ${message}`, { cause }), {
      code,
    });
  }
}

/**
 * @param {string} file which is not there yet
 * @param {string | Uint8Array | Iterable<Uint8Array>} content
 * @param {fs.Stats | undefined} old whose mode and owner it gets
 */
function writeNew(file, content, old) {
  const descriptor = fs.openSync(file, 'wx', old ? old.mode & 0o777 : 0o666);
  try {
    if (old) keepOwnerAndMode(descriptor, old);
    if (typeof content === 'string') writeAll(descriptor, Buffer.from(content));
    else if (content instanceof Uint8Array) writeAll(descriptor, content);
    else for (const part of content) writeAll(descriptor, part);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * A write may take only part of the bytes: up to where the disk is full or the file as large as
 * it may become. The next one then fails.
 *
 * @param {number} descriptor
 * @param {Uint8Array} bytes
 */
function writeAll(descriptor, bytes) {
  for (let written = 0; written < bytes.length;) {
    written += fs.writeSync(descriptor, bytes, written);
  }
}

/**
 * @param {number} descriptor
 * @param {fs.Stats} old
 */
function keepOwnerAndMode(descriptor, old) {
  const { uid, gid } = fs.fstatSync(descriptor);
  if (uid !== old.uid || gid !== old.gid) {
    try {
      fs.fchownSync(descriptor, old.uid, old.gid);
    } catch {
      // Only the system's administrator may give files away: the new one is the writer's.
    }
  }
  fs.fchmodSync(descriptor, old.mode & 0o7777);
}

/**
 * @param {string} file
 * @returns {string} where it lies, links followed, whether it is there or is yet to be made
 */
function targetOf(file) {
  try {
    return fs.realpathSync(file);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
  const entry = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!entry?.isSymbolicLink()) return path.resolve(file);
  return targetOf(path.resolve(fs.realpathSync(path.dirname(file)), fs.readlinkSync(file)));
}

/**
 * Until a folder is flushed, a power failure may undo a renaming in it. Some file systems cannot
 * flush one, and some folders may be written to but not opened: the file itself is whole either way.
 *
 * @param {string} folder
 */
function flushFolder(folder) {
  let descriptor;
  try {
    descriptor = fs.openSync(folder, 'r');
    fs.fsyncSync(descriptor);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!['EACCES', 'EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP'].includes(code ?? '')) throw error;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/**
 * @param {fs.Stats} stats
 * @returns {string} what has the file's name but is not a file
 */
function kindOf(stats) {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/**
 * A name beside a file for what is to take its place. It begins with the file's name, cut where
 * the whole would be longer than file systems allow, and names the process and the call.
 *
 * @param {string} file
 */
function temporaryBeside(file) {
  const call = randomBytes(4).toString('hex');
  return path.join(path.dirname(file), `${temporaryPrefix(file)}${process.pid}-${call}.tmp`);
}

/** @param {string} file */
function temporaryPrefix(file) {
  return `.${[...path.basename(file)].slice(0, 50).join('')}.`;
}

/**
 * Removes what has such a name and belongs to no process that is still running.
 *
 * @param {string} file
 */
function removeAbandoned(file) {
  const folder = path.dirname(file);
  const prefix = temporaryPrefix(file);
  for (const name of namesIn(folder)) {
    if (!name.startsWith(prefix)) continue;
    const owner = /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length));
    if (owner === null) continue;
    const left = path.join(folder, name);
    if (!isInUse(left, Number(owner[1]))) fs.rmSync(left, { force: true });
  }
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return []; // a folder that may be written to but not listed
  }
}

/**
 * @param {string} temporary
 * @param {number} owner
 */
function isInUse(temporary, owner) {
  if (owner !== process.pid) return isRunning(owner);
  // In a container a process often has the number of the one before it.
  const stats = fs.statSync(temporary, { throwIfNoEntry: false });
  return stats !== undefined && stats.mtimeMs > Date.now() - 1000 * process.uptime() - 1000;
}

module.exports = { writeFileAtomic, temporaryBeside, removeAbandoned };
