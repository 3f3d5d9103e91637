import fs from 'node:fs';

/** @typedef {{ stamp: string, changed: import('typescript').FileWatcherCallback, isLeft: boolean }} Watched */

/** @type {Map<string, Set<Watched>>} by path */
const watched = new Map();

/**
 * In place of the operating system's notices, which come late while a cell is busy and not at all
 * from some file systems: files are looked at when `noticeEdits` is called.
 *
 * @param {string} file
 * @param {import('typescript').FileWatcherCallback} changed
 * @returns {import('typescript').FileWatcher}
 */
export function watchFile(file, changed) {
  // What is installed stays as it is for the life of a kernel.
  if (file.includes('/node_modules/')) return { close: () => {} };
  const entry = { stamp: stampOf(file), changed, isLeft: false };
  const entries = watched.get(file) ?? new Set();
  for (const one of entries) if (one.isLeft) entries.delete(one);
  watched.set(file, entries.add(entry));
  return {
    // tslab does not compile a file again that it has compiled and not seen change: one that no cell reaches for a while,
    // as what imports it was removed, is looked at all the same.
    close: () => {
      entry.isLeft = true;
    },
  };
}

/**
 * Tells the compiler which files were edited since they were last looked at.
 * @param {typeof import('typescript')} ts
 */
export function noticeEdits(ts) {
  for (const [file, entries] of [...watched]) {
    const stamp = stampOf(file);
    for (const entry of [...entries]) {
      if (entry.stamp === stamp) continue;
      const { Changed, Created, Deleted } = ts.FileWatcherEventKind;
      const kind = stamp === '' ? Deleted : entry.stamp === '' ? Created : Changed;
      entry.stamp = stamp;
      entry.changed(file, kind);
    }
  }
}

/** @param {string} file */
function stampOf(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}
