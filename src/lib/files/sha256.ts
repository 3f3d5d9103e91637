import { createHash } from 'crypto';
import { readFileSync, statSync } from 'fs';
import { readFile } from 'fs/promises';

/** Of a whole file: tells whether two files have the same content. */
export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** By path; what a file's content was when it had this size and time. */
const known = new Map<string, { size: number; time: number; sha256: string }>();

function knownSum(file: string): { size: number; time: number; sha256?: string } {
  const { size, ctimeMs: time } = statSync(file);
  const before = known.get(file);
  return before?.size === size && before.time === time ? before : { size, time };
}

/** The same of a file that may have been read before in this process, and has not changed since by its size and time. */
export function knownSha256Of(file: string): string {
  const { sha256 = sha256Of(file), ...found } = knownSum(file);
  known.set(file, { ...found, sha256 });
  return sha256;
}

/**
 * The same of many files, in their order, so that other work goes on in the meantime.
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
    const found = knownSum(file);
    if (found.sha256 === undefined) {
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      known.set(file, { ...found, sha256 });
      sums.push(sha256);
    } else sums.push(found.sha256);
    onProgress?.(sums.length, files.length);
  }
  return sums;
}

type Progress = (done: number, total: number) => void;
