import { setTimeout as sleep } from 'node:timers/promises';
import type * as Lease from '../../../src/lib/files/lease';
import type * as ProcessLock from '../../../src/lib/files/process-lock';
import { built } from '../built';

/* One of several processes that want the same lock at the same moment. */

export interface Race {
  kind: 'lock' | 'lease';
  file: string;
  /** When all begin, by the clock that processes of one machine share. */
  at: number;
}

/** What came of it: the lock, or who has it. */
export type Outcome = { held: boolean; message?: string };

let release: (() => void) | null = null;

/** Milliseconds: a lease of a dead process is taken over after these. */
const TIMES = { beat: 60, stale: 400 };

async function race({ kind, file, at }: Race): Promise<Outcome> {
  const { acquireLock } = built<typeof ProcessLock>('lib/files/process-lock');
  const { takeLease } = built<typeof Lease>('lib/files/lease');
  await sleep(Math.max(0, at - Date.now() - 2));
  while (Date.now() < at);
  try {
    const held =
      kind === 'lock' ? acquireLock(file, 'races') : await takeLease(file, 'races', TIMES);
    release = () => held.release();
    return { held: true };
  } catch (error) {
    return { held: false, message: (error as Error).message };
  }
}

process.on('message', (message: Race | 'release') => {
  if (message !== 'release') {
    void race(message).then((outcome) => process.send!(outcome));
    return;
  }
  release?.();
  release = null;
  process.send!('released');
});
process.on('disconnect', () => process.exit());
process.send!('ready');
