import * as fs from 'fs';
import * as path from 'path';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In a container a process often has the id of the one before it. */
function isHeld(owner: number, file: string): boolean {
  return owner === process.pid ? held.has(file) : isAlive(owner);
}

/** The locks that this process holds. A lock with its id that it does not hold is of a process before it. */
const held = new Set<string>();

/**
 * Keeps two processes from training in one folder. A lock whose process is gone is taken over.
 *
 * @returns a function that gives the lock back
 * @throws Error naming the other process
 */
export function lockRun(folder: string): () => void {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.resolve(folder, 'lock');
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      held.add(file);
      return () => {
        held.delete(file);
        fs.rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(fs.readFileSync(file, 'utf8'));
    if (Number.isInteger(owner) && owner > 0 && isHeld(owner, file)) {
      throw new Error(
        `${folder}: process ${owner} is training in this run folder; wait for it or choose another.`,
      );
    }
    fs.rmSync(file, { force: true });
  }
}
