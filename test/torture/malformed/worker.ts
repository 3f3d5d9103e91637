import * as fs from 'node:fs';
import type * as Peak from '../../../src/lib/evaluation/peak-memory';
import { built } from '../built';
import { KINDS } from './kinds';

/*
 * A process that reads malformed files, one after the other, and says what came of each: apart from the campaign, so that
 * one that never ends, crashes or takes all memory ends with it.
 */

export interface Request {
  kind: string;
  file: string;
}

export interface Answer {
  outcome: 'taken' | 'refused';
  digest?: string;
  /** Of what was taken. */
  fault?: string | null;
  /** Of a refusal. */
  message?: string;
  stack?: string;
  /** The most that the process held while it read this file. */
  peakBytes: number;
}

/** Forgets the peak so far: proc_pid_clear_refs(5). */
function resetPeak(): void {
  try {
    fs.writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere than on Linux the peak is that of all files so far.
  }
}

async function answer({ kind, file }: Request): Promise<Omit<Answer, 'peakBytes'>> {
  const reader = KINDS.find(({ name }) => name === kind);
  if (!reader) throw new Error(`"${kind}": expected a kind of file.`);
  try {
    return { outcome: 'taken', ...(await reader.read(file)) };
  } catch (error) {
    if (!(error instanceof Error)) return { outcome: 'refused', message: `${String(error)}` };
    return { outcome: 'refused', message: error.message, stack: error.stack };
  }
}

process.on('message', (request: Request) => {
  resetPeak();
  void answer(request).then((found) => {
    const { peakBytes } = built<typeof Peak>('lib/evaluation/peak-memory');
    process.send!({ ...found, peakBytes: peakBytes() } satisfies Answer);
  });
});
process.on('disconnect', () => process.exit());
process.send!('ready');
