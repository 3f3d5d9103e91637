import { StringDecoder } from 'node:string_decoder';

/**
 * Sends what is written to standard output and error to the cell that writes it; before the first
 * cell it goes where it always went, to Jupyter's own log.
 *
 * @param {() => import('./cell.mjs').Cell | null} currentCell
 */
export function redirectOutput(currentCell) {
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    const stream = process[name];
    const write = stream.write.bind(stream);
    const decoder = new StringDecoder('utf8');
    /**
     * @param {string | Uint8Array} chunk
     * @param {any} [encoding]
     * @param {any} [callback]
     */
    const redirected = (chunk, encoding, callback) => {
      const cell = currentCell();
      if (cell === null) return write(chunk, encoding, callback);
      const text = typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
      if (text !== '') cell.output.stream(name, text);
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done !== undefined) process.nextTick(done);
      return true;
    };
    stream.write = redirected;
  }
}
