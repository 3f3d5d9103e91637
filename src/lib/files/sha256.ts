import { createHash } from 'crypto';
import { readFileSync, statSync } from 'fs';
import { readFile } from 'fs/promises';

/** Of a whole file: tells whether two files have the same content. */
export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** By path; what a file's content was when it had this size and time. */
const known = new Map<string, { size: number; time: number; sha256: string }>();

/**
 * SHA-256 of many files, in their order; one that was read before in this process and has the same size and time of change
 * is not read again.
 *
 * @throws Error of Node for the first file that cannot be read; the signal's reason
 */
export async function sha256OfAll(
  files: readonly string[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: Progress } = {},
): Promise<string[]> {
  const sums: string[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    const { size, ctimeMs: time } = statSync(file);
    const before = known.get(file);
    if (before?.size === size && before.time === time) sums.push(before.sha256);
    else {
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      known.set(file, { size, time, sha256 });
      sums.push(sha256);
    }
    onProgress?.(sums.length, files.length);
  }
  return sums;
}

type Progress = (done: number, total: number) => void;
