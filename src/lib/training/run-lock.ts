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

/**
 * Keeps two processes from training in one folder. A lock whose process is gone is taken over.
 *
 * @returns a function that gives the lock back
 * @throws Error naming the other process
 */
export function lockRun(folder: string): () => void {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'lock');
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(fs.readFileSync(file, 'utf8'));
    if (Number.isInteger(owner) && owner > 0 && isAlive(owner)) {
      throw new Error(`${folder}: process ${owner} is training in this run folder; wait for it or choose another.`);
    }
    fs.rmSync(file, { force: true });
  }
}
