import { createHash } from 'crypto';
import * as fs from 'fs';
import { setImmediate } from 'timers/promises';
import { FileError } from './file-error';
import { readParts } from './read-file';

/**
 * Of a whole file, in lower-case hexadecimal: tells whether two files have the same content.
 *
 * @throws FileError when it is missing, no regular file, or not to be read
 */
export function sha256Of(file: string): string {
  const hash = createHash('sha256');
  for (const part of readParts(file, refuseIn(file))) hash.update(part);
  return hash.digest('hex');
}

/** The same, so that other work goes on in the meantime. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for (const part of readParts(file, refuseIn(file))) {
    hash.update(part);
    await setImmediate();
  }
  return hash.digest('hex');
}

const refuseIn = (file: string) => (found: string, cause?: unknown) => {
  throw new FileError(file, 'a file that can be read', found, { cause });
};

/** By path; what a file's content was when it had this size and time. */
const known = new Map<string, { size: number; time: number; sha256: string }>();

function knownSum(file: string): { size: number; time: number; sha256?: string } {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) return refuseIn(file)('nothing there, or a link to nothing');
  const { size, ctimeMs: time } = stat;
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
 * @throws FileError for the first file that cannot be read; the signal's reason
 */
export async function sha256OfAll(
  files: readonly string[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: Progress } = {},
): Promise<string[]> {
  const sums: string[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    const { sha256 = await sha256OfFile(file), ...found } = knownSum(file);
    known.set(file, { ...found, sha256 });
    sums.push(sha256);
    onProgress?.(sums.length, files.length);
  }
  return sums;
}

type Progress = (done: number, total: number) => void;
