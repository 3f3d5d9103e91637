import * as fs from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { FileError } from './file-error';
import { MAX_TEXT_BYTES } from './limits';

/** Says what was found in place of a file that can be read: for the caller's own error. */
export type RefuseFile = (found: string, cause?: unknown) => never;

/** Should a file have become a named pipe since it was looked at, opening it does not wait. */
const READ = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);

/**
 * The whole content of a regular file, or of a link to one. A named pipe would wait for a writer, and a device such as
 * /dev/zero never ends: both are refused before they are opened.
 *
 * @param limit bytes
 * @param refuse throws
 */
export async function readRegularFile(
  file: string,
  limit: number,
  refuse: RefuseFile,
): Promise<Buffer> {
  try {
    requireRegular(await stat(file), limit, refuse);
    const handle = await open(file, READ);
    try {
      const { size } = requireRegular(await handle.stat(), limit, refuse);
      const bytes = Buffer.allocUnsafeSlow(size);
      let filled = 0;
      while (filled < size) {
        const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
        if (bytesRead === 0) break; // it has become shorter
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return refuseCause(error, refuse);
  }
}

/** The same at once. */
export function readRegularFileSync(file: string, limit: number, refuse: RefuseFile): Buffer {
  return opened(file, limit, refuse, (descriptor, size) => {
    const bytes = Buffer.allocUnsafeSlow(size);
    return bytes.subarray(0, fill(descriptor, bytes));
  });
}

/**
 * The first bytes of a regular file, fewer where it is shorter.
 *
 * @param refuse throws
 */
export function readHead(file: string, count: number, refuse: RefuseFile): Buffer {
  return opened(file, Infinity, refuse, (descriptor) => {
    const bytes = Buffer.alloc(count);
    return bytes.subarray(0, fill(descriptor, bytes));
  });
}

/** A regular file's content in parts that are valid until the next one: of a file of any size. */
export function* readParts(file: string, refuse: RefuseFile): Generator<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(PART_BYTES);
  const descriptor = openRegular(file, Infinity, refuse).descriptor;
  try {
    for (;;) {
      const count = fs.readSync(descriptor, bytes, 0, bytes.length, null);
      if (count === 0) return;
      yield bytes.subarray(0, count);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

const PART_BYTES = 2 ** 20;

/**
 * The lines of a text file that may be longer than a string can be, without their line feeds.
 *
 * @param refuse throws
 */
export function* readLines(file: string, refuse: RefuseFile): Generator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for (const part of readParts(file, refuse)) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/**
 * A text file, as UTF-8.
 *
 * @param expected of it, in words: for the error
 * @param ErrorOfKind which error
 * @throws FileError, or that error, when it is missing, no regular file, larger than the limit, or not to be read
 */
export function readTextFile(file: string, expected: string, ErrorOfKind = FileError): string {
  return readRegularFileSync(file, MAX_TEXT_BYTES, (found, cause) => {
    throw new ErrorOfKind(file, expected, found, { cause });
  }).toString('utf8');
}

/**
 * What a JSON file holds; what that is is for the caller to find out.
 *
 * @param expected of it, in words: for the error
 * @throws FileError as `readTextFile`, or when it is not JSON
 */
export function readJsonFile(file: string, expected: string, ErrorOfKind = FileError): unknown {
  const text = readTextFile(file, expected, ErrorOfKind);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const found = `something else than JSON (${(cause as Error).message})`;
    throw new ErrorOfKind(file, expected, found, { cause });
  }
}

/**
 * A file that the system makes as it is read, such as /proc/meminfo: it is shown as empty before.
 *
 * @returns null where there is none: other systems have others
 */
export function readSystemFile(file: `/${'proc' | 'sys'}/${string}`): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function opened<T>(
  file: string,
  limit: number,
  refuse: RefuseFile,
  work: (descriptor: number, size: number) => T,
): T {
  const { descriptor, size } = openRegular(file, limit, refuse);
  try {
    return work(descriptor, size);
  } catch (error) {
    return refuseCause(error, refuse);
  } finally {
    fs.closeSync(descriptor);
  }
}

function openRegular(file: string, limit: number, refuse: RefuseFile) {
  let descriptor: number | undefined;
  try {
    requireRegular(fs.statSync(file), limit, refuse);
    descriptor = fs.openSync(file, READ);
    const { size } = requireRegular(fs.fstatSync(descriptor), limit, refuse);
    return { descriptor, size };
  } catch (error) {
    if (descriptor !== undefined) fs.closeSync(descriptor);
    return refuseCause(error, refuse);
  }
}

/** @returns how many bytes there were */
function fill(descriptor: number, bytes: Buffer): number {
  let filled = 0;
  while (filled < bytes.length) {
    const count = fs.readSync(descriptor, bytes, filled, bytes.length - filled, filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** Passes a refusal on, and makes one of the system's error. */
function refuseCause(error: unknown, refuse: RefuseFile): never {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  const kinds: Partial<Record<string, string>> = {
    ENOENT: 'no such file',
    ENOTDIR: 'no such file',
    EISDIR: 'a folder',
    EACCES: 'a file without permission to read it',
    ELOOP: 'a link to itself',
  };
  return refuse(kinds[code ?? ''] ?? message, error);
}

function requireRegular(found: fs.Stats, limit: number, refuse: RefuseFile): fs.Stats {
  if (!found.isFile()) return refuse(kindOf(found));
  if (found.size > limit) {
    return refuse(`${found.size} bytes, more than the limit of ${limit}`);
  }
  return found;
}

/** What is no regular file, in words. */
export function kindOf(found: fs.Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
