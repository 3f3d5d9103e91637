import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** Says what was found in place of a file that can be read: for the caller's own error. */
export type RefuseFile = (found: string, cause?: unknown) => never;

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
    // Should it have become a pipe since, opening it does not wait.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
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
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error; // a refusal
    const kinds: Partial<Record<string, string>> = {
      ENOENT: 'no such file',
      ENOTDIR: 'no such file',
      EISDIR: 'a folder',
      EACCES: 'a file without permission to read it',
      ELOOP: 'a link to itself',
    };
    return refuse(kinds[code ?? ''] ?? (error as Error).message, error);
  }
}

function requireRegular(found: Stats, limit: number, refuse: RefuseFile): Stats {
  if (!found.isFile()) return refuse(kindOf(found));
  if (found.size > limit) {
    return refuse(`${found.size} bytes, more than the limit of ${limit}`);
  }
  return found;
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}
