import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

export interface DownloadOptions {
  /** The SHA-256 of the content, lower-case hexadecimal. */
  sha256: string;
  /** More than this is not taken from the server, whatever it says. */
  maxBytes: number;
  /** Milliseconds without a byte (or without an answer) after which to give up. Default 20000. */
  stallTimeout?: number;
  signal?: AbortSignal;
  /** Called as bytes come in; `total` is null where the server does not say. */
  onProgress?: (received: number, total: number | null) => void;
}

/** A download that failed: the message names the address and the reason. */
export class DownloadError extends Error {
  constructor(
    readonly url: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`cannot download ${url}: ${reason}`, options);
    this.name = 'DownloadError';
  }
}

/**
 * Downloads `url` to `file`, which appears whole and verified or not at all. Until then the content
 * is in a file beside it, so several processes may do this at once: the last one to finish replaces
 * the file with the same content.
 *
 * @throws DownloadError when there is no connection, the server refuses, nothing comes for
 *   `stallTimeout`, too much comes, the checksum is wrong, or the disk refuses; the signal's reason
 *   when it is aborted. What was received is removed.
 */
export async function downloadFile(
  url: string,
  file: string,
  { sha256, maxBytes, stallTimeout = 20_000, signal, onProgress }: DownloadOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const forwardAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', forwardAbort);
  const timer = setTimeout(
    () => controller.abort(new Error(`nothing received for ${stallTimeout / 1000} s`)),
    stallTimeout,
  );
  const part = `${file}.${randomBytes(8).toString('hex')}.part`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    removeInterrupted(file);
    const { body, total } = await request(url, controller.signal);
    if (total !== null && total > maxBytes) throw tooLong(url, maxBytes, String(total));
    const hash = createHash('sha256');
    let received = 0;
    onProgress?.(received, total);
    const output = await open(part, 'wx');
    try {
      for await (const chunk of body) {
        timer.refresh();
        received += chunk.length;
        if (received > maxBytes) throw tooLong(url, maxBytes, `at least ${received}`);
        hash.update(chunk);
        await output.appendFile(chunk);
        onProgress?.(received, total);
      }
      await output.sync();
    } finally {
      await output.close();
    }
    if (total !== null && received !== total) {
      throw new DownloadError(url, `expected ${total} bytes, received ${received}`);
    }
    const found = hash.digest('hex');
    if (found !== sha256) {
      throw new DownloadError(
        url,
        `expected content with the SHA-256 ${sha256}, found ${found} (${received} bytes, removed)`,
      );
    }
    await rename(part, file);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DownloadError) throw error;
    // fetch wraps what aborted it differently from case to case.
    const cause: unknown = controller.signal.aborted ? controller.signal.reason : error;
    throw new DownloadError(url, explain(cause), { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', forwardAbort);
    controller.abort(); // ends a connection that is still open
    await rm(part, { force: true }).catch(() => {}); // the error above says what is wrong there
  }
}

/** The content to come, and its size where the server gives it. */
async function request(
  url: string,
  signal: AbortSignal,
): Promise<{ body: AsyncIterable<Uint8Array>; total: number | null }> {
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' }, signal });
  const { status, statusText, headers, body } = response;
  if (status !== 200 || !body) {
    throw new DownloadError(url, `the server answered ${status} ${statusText}`.trim());
  }
  const length = headers.get('content-length') ?? '';
  // Of a compressed answer, only the compressed size is known.
  const known = /^\d+$/.test(length) && !headers.has('content-encoding');
  return { body, total: known ? Number(length) : null };
}

function tooLong(url: string, maxBytes: number, found: string): DownloadError {
  return new DownloadError(url, `expected at most ${maxBytes} bytes, found ${found}`);
}

/** A download is written to all the time; one left alone for this long was cut off by a crash. */
const abandonedAfterMilliseconds = 10 * 60_000;

/** Removes what earlier calls left of `file` when they ended without a chance to do so. */
function removeInterrupted(file: string): void {
  const folder = path.dirname(file);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${path.basename(file)}.`) || !name.endsWith('.part')) continue;
    const part = path.join(folder, name);
    const changed = statSync(part, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - changed > abandonedAfterMilliseconds) rmSync(part, { force: true });
  }
}

/** fetch says "fetch failed" and hides the reason (ECONNREFUSED, ENOTFOUND) in the cause. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  if (error.cause instanceof Error) return explain(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
