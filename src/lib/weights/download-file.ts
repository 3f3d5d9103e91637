import { mkdirSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { claimPartialFile, removeAbandonedParts, shelvePartialFile } from './partial-file';
import { sha256OfFile } from './sha256-file';

export interface DownloadOptions {
  /** Lower-case hexadecimal digits with which the SHA-256 of the content must begin. */
  sha256Prefix: string;
  /** Milliseconds without a byte (or without an answer) after which to give up. Default 20000. */
  stallTimeout?: number;
  signal?: AbortSignal;
  /** Called as bytes come in; `received` includes those of an earlier try, `total` may be unknown. */
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

/** A connection that breaks after some bytes is taken up again this often. */
const maxResumptions = 5;

/**
 * Downloads `url` to `file`, which appears whole and verified or not at all. What a broken download
 * brought is kept beside it and taken up again (HTTP Range), within this call and by the next one.
 * Several processes may do this at once: each works on a file of its own, the last one to finish
 * replaces the file by the same content.
 *
 * @returns the SHA-256 in full, lower-case hexadecimal
 * @throws DownloadError when there is no connection, the server refuses, nothing comes for
 *   `stallTimeout`, the checksum is wrong (the content is removed then), or the disk refuses;
 *   the signal's reason when it is aborted
 */
export async function downloadFile(
  url: string,
  file: string,
  options: DownloadOptions,
): Promise<string> {
  let part: string | undefined;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    part = claimPartialFile(file);
    const resumed = sizeOf(part) > 0;
    await receive(url, part, options);
    let sha256 = await sha256OfFile(part);
    if (resumed && !sha256.startsWith(options.sha256Prefix)) {
      // The leftover may have been of another content; only a fresh download tells.
      rmSync(part);
      await receive(url, part, options);
      sha256 = await sha256OfFile(part);
    }
    if (!sha256.startsWith(options.sha256Prefix)) {
      const size = sizeOf(part);
      rmSync(part);
      throw new DownloadError(
        url,
        `expected content whose SHA-256 begins with ${options.sha256Prefix}, found ${sha256} ` +
          `(${size} bytes, removed)`,
      );
    }
    await flushToDisk(part);
    await rename(part, file);
    removeAbandonedParts(file);
    return sha256;
  } catch (error) {
    if (part !== undefined) shelvePartialFile(part, file);
    options.signal?.throwIfAborted();
    if (error instanceof DownloadError) throw error;
    throw new DownloadError(url, explain(error), { cause: error });
  }
}

/** Appends to `part` until the whole content is there. */
async function receive(url: string, part: string, options: DownloadOptions): Promise<void> {
  for (let resumptions = 0; ; resumptions++) {
    const before = sizeOf(part);
    try {
      return await receiveOnce(url, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (sizeOf(part) <= before || resumptions === maxResumptions) throw error;
    }
  }
}

async function receiveOnce(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { stallTimeout = 20_000, signal, onProgress } = options;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Error(`nothing came for ${stallTimeout / 1000} s`)),
    stallTimeout,
  );
  const forwardAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', forwardAbort);
  try {
    let start = sizeOf(part);
    // Without compression, so that positions in the content are positions in the file.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (start > 0) headers.range = `bytes=${start}-`;
    const response = await fetch(url, { headers, signal: controller.signal });

    const range = response.headers.get('content-range') ?? 'no Content-Range';
    const [, first, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(range) ?? [];
    const { status } = response;
    if (status === 416 && start > 0 && Number(total) === start) {
      await response.body?.cancel();
      return; // all of it had come before
    }
    if (start > 0 && (status === 416 || (status === 206 && Number(first) !== start))) {
      // What came before is longer than the content, or the server cannot go on from there.
      await response.body?.cancel();
      clearTimeout(timer);
      rmSync(part);
      return await receiveOnce(url, part, options);
    }
    if (status !== 206 && status !== 200) {
      await response.body?.cancel();
      throw new DownloadError(url, `the server answered ${status} ${response.statusText}`.trim());
    }
    if (status === 200) start = 0; // the server does not resume
    const size = status === 206 ? total : response.headers.get('content-length');
    // Of a compressed answer, only the compressed size is known.
    const known = /^\d+$/.test(size ?? '') && !response.headers.has('content-encoding');
    const expected = known ? Number(size) : null;

    let received = start;
    onProgress?.(received, expected);
    const output = await open(part, start > 0 ? 'a' : 'w');
    try {
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        await output.appendFile(chunk as Uint8Array);
        received += (chunk as Uint8Array).length;
        onProgress?.(received, expected);
      }
    } finally {
      await output.close();
    }
    if (expected !== null && received !== expected) {
      throw new DownloadError(url, `expected ${expected} bytes, received ${received}`);
    }
  } catch (error) {
    // fetch wraps what aborted it differently from case to case.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', forwardAbort);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

async function flushToDisk(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** fetch says "fetch failed" and hides the reason (ECONNREFUSED, ENOTFOUND) in the cause. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  if (error.cause instanceof Error) return explain(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
