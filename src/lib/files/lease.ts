import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { writeFileAtomic } from './atomic-write';
import { FileError } from './file-error';

/** How often a holder writes that it is still there. */
const BEAT_MILLISECONDS = 2000;
/** A lease whose file has not changed for so long has lost its holder. */
const STALE_MILLISECONDS = 15_000;

export interface Lease {
  /** @throws FileError when another one has taken it over */
  requireHeld(): void;
  release(): void;
}

export interface LeaseTimes {
  beat?: number;
  stale?: number;
  /** Wait for a holder that is alive, instead of being refused, until this is aborted. */
  patience?: AbortSignal;
}

/**
 * A lock between processes of several machines that share a folder: its file says who holds it and is written anew all
 * the time. Process ids say nothing on another machine, and clocks differ: whoever finds a file waits, by its own
 * clock, for it to change. A holder that was stopped for longer than that finds another one's name and must end.
 *
 * @param file the lease; its folder is made if needed
 * @param activity for the message: `is running this sweep`
 * @throws FileError naming the holder; the signal's reason
 */
export async function takeLease(
  file: string,
  activity: string,
  { beat = BEAT_MILLISECONDS, stale = STALE_MILLISECONDS, patience }: LeaseTimes = {},
): Promise<Lease> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const token = randomBytes(8).toString('hex');
  const holder = `process ${process.pid} on ${os.hostname()}`;
  let beats = 0;
  const content = () => `${token} ${beats++} ${holder}\n`;
  const mine = () => read(file)?.startsWith(`${token} `) ?? false;

  let isContested = false;
  for (;;) {
    patience?.throwIfAborted();
    // An exclusive creation is atomic on shared folders, too.
    if (create(file, content())) {
      if (!isContested) break;
      // Another one that found the old file stale, too, may have taken this one for it and renamed it away.
      await sleep(beat / 4);
      if (mine()) break;
      continue;
    }
    const found = read(file);
    if (found === null) continue;
    const since = performance.now();
    while (performance.now() - since < stale) {
      await sleep(Math.min(beat, stale) / 4);
      const now = read(file);
      if (now === found) continue;
      if (now === null || patience) break;
      const [, , ...who] = now.trim().split(' ');
      throw new FileError(
        file,
        'nobody else',
        `${who.join(' ') || 'another process'}, which ${activity}; it is alive: wait for it or stop it`,
      );
    }
    // Of several that find it stale one renames it away; the others find it gone, and begin anew.
    if (read(file) !== found) continue;
    isContested = true;
    const aside = `${file}.${token}`;
    try {
      fs.renameSync(file, aside);
      fs.rmSync(aside, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  let lost = false;
  const timer = setInterval(() => {
    if (lost || !mine()) lost = true;
    else writeFileAtomic(file, content());
  }, beat);
  timer.unref();
  return {
    requireHeld: () => {
      if (!lost && mine()) return;
      lost = true;
      throw new FileError(file, 'the lease of this process', 'that of another one, or none');
    },
    release: () => {
      clearInterval(timer);
      if (mine()) fs.rmSync(file, { force: true });
    },
  };
}

function create(file: string, content: string): boolean {
  try {
    fs.writeFileSync(file, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
