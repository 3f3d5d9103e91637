import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/*
 * Where unfinished downloads of a file lie: beside it, as `FILE.part` when it was given up in good
 * order, and as `FILE.PID-RANDOM.part` while process PID works on it.
 */

/** A working download is written to all the time; one this old is abandoned whatever its PID. */
const abandonedAfterMilliseconds = 10 * 60_000;

/**
 * A path that belongs to this call alone. If an abandoned unfinished download lies about, the
 * largest one is moved there, to be continued; otherwise there is no file yet.
 */
export function claimPartialFile(file: string): string {
  const own = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.part`;
  for (const abandoned of abandonedParts(file)) {
    try {
      renameSync(abandoned, own);
      break;
    } catch {
      // Another process was faster.
    }
  }
  return own;
}

/** Leaves an unfinished download, if there is any of it, for a later call to claim. */
export function shelvePartialFile(part: string, file: string): void {
  try {
    renameSync(part, `${file}.part`);
  } catch {
    // Nothing came, or it cannot be kept: the next call begins anew.
  }
}

/** Removes what is of no use any more once the file is there. */
export function removeAbandonedParts(file: string): void {
  for (const abandoned of abandonedParts(file)) rmSync(abandoned, { force: true });
}

/** Largest first. */
function abandonedParts(file: string): string[] {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('part'))
    .flatMap((name) => {
      const owner = /^(?:(\d+)-[0-9a-f]{8}\.)?part$/.exec(name.slice(prefix.length));
      const part = path.join(folder, name);
      const stat = statSync(part, { throwIfNoEntry: false });
      if (!owner || !stat?.isFile()) return [];
      const idle = Date.now() - stat.mtimeMs > abandonedAfterMilliseconds;
      const taken = owner[1] !== undefined && !idle && isRunning(Number(owner[1]));
      return taken ? [] : [{ part, size: stat.size }];
    })
    .sort((a, b) => b.size - a.size)
    .map(({ part }) => part);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
