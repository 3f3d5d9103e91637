import { FileError } from '../files/file-error';

/**
 * What an address gives.
 *
 * @param expected what it should be, for the message
 * @throws FileError naming the address, with what came instead; the signal's reason
 */
export async function fetchBytes(
  address: URL | string,
  expected: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const text = String(address);
  const name = text.startsWith('data:') ? `${text.slice(0, 30)}...` : text;
  let response: Response;
  try {
    response = await fetch(text, signal && { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    // fetch itself says only that it failed, and why in its cause.
    const { message, cause: reason } = cause as Error;
    throw new FileError(name, expected, reason instanceof Error ? reason.message : message, {
      cause,
    });
  }
  if (!response.ok) {
    throw new FileError(name, expected, `the answer ${response.status} ${response.statusText}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
