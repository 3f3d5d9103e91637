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
  named(file, () => {
    const aside = openAside(file);
    let position = 0;
    /** @param {Uint8Array} bytes */
    const add = (bytes) => {
      aside.write(bytes, position);
      position += bytes.length;
    };
    try {
      if (typeof content === 'string') add(Buffer.from(content));
      else if (content instanceof Uint8Array) add(content);
      else for (const part of content) add(part);
    } catch (error) {
      aside.discard();
      throw error;
    }
    aside.commit();
  });
}

/**
 * @typedef {object} AtomicFile
 * @property {(bytes: Uint8Array, position: number) => void} write position: in bytes from the start
 * @property {() => void} commit what was written becomes the file; on failure it is removed
 * @property {() => void} discard removes what was written; the file stays as it was
 */

/**
 * The same for content that comes bit by bit. Exactly one of `commit` and `discard` ends it, also
 * after a failure to write.
 *
 * @param {string} file
 * @returns {AtomicFile}
 * @throws {Error} naming the file, as do its methods
 */
function openAtomic(file) {
  const aside = named(file, () => openAside(file));
  return {
    write: (bytes, position) => named(file, () => aside.write(bytes, position)),
    commit: () => named(file, aside.commit),
    discard: aside.discard,
  };
}

/**
 * @template T
 * @param {string} file
 * @param {() => T} work
 */
function named(file, work) {
  try {
    return work();
  } catch (cause) {
    const { message, code } = /** @type {NodeJS.ErrnoException} */ (cause);
    const text = `${file}: could not be written: ${message}`;
    throw Object.assign(new Error(text, { cause }), { code });
  }
}

/**
 * @param {string} file
 * @returns {AtomicFile}
 */
function openAside(file) {
  const old = fs.statSync(file, { throwIfNoEntry: false });
  if (old && !old.isFile()) throw new Error(`expected a file to replace, found ${kindOf(old)}`);
  const target = targetOf(file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  removeAbandoned(target);
  const temporary = temporaryBeside(target);
  const descriptor = openNew(temporary, old);
  let isOpen = true;
  const close = () => {
    if (isOpen) fs.closeSync(descriptor);
    isOpen = false;
  };
  const discard = () => {
    close();
    fs.rmSync(temporary, { force: true });
  };
  const commit = () => {
    try {
      fs.fsyncSync(descriptor);
      close();
      fs.renameSync(temporary, target);
    } catch (error) {
      discard();
      throw error;
    }
    flushFolder(path.dirname(target));
  };
  return { write: (bytes, position) => writeAll(descriptor, bytes, position), commit, discard };
}

/**
 * Before long work: that its result can be written. The folder is made if needed, the file stays as
 * it is.
 *
 * @param {string} file
 * @throws {Error} naming the file
 */
function requireWritable(file) {
  const aside = openAtomic(file);
  try {
    aside.write(Buffer.from('\n'), 0); // a full disk still makes empty files
  } finally {
    aside.discard();
  }
}

/**
 * @param {string} file which is not there yet
 * @param {fs.Stats | undefined} old whose mode and owner it gets
 */
function openNew(file, old) {
  const descriptor = fs.openSync(file, 'wx', old ? old.mode & 0o777 : 0o666);
  try {
    if (old) keepOwnerAndMode(descriptor, old);
    return descriptor;
  } catch (error) {
    fs.closeSync(descriptor);
    fs.rmSync(file, { force: true });
    throw error;
  }
}

/**
 * A write may take only part of the bytes: up to where the disk is full or the file as large as
 * it may become. The next one then fails.
 *
 * @param {number} descriptor
 * @param {Uint8Array} bytes
 * @param {number} position
 */
function writeAll(descriptor, bytes, position) {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
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

module.exports = { writeFileAtomic, openAtomic, requireWritable, temporaryBeside, removeAbandoned };
