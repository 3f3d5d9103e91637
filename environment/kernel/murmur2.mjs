const multiplier = 0x5bd1e995;
const encoder = new TextEncoder();

/**
 * MurmurHash2 of 32 bits (Austin Appleby), by which Jupyter's front ends know a cell.
 *
 * @param {string} text hashed as UTF-8
 * @param {number} seed
 * @returns {number} from 0 to 2^32 - 1
 */
export function murmur2(text, seed) {
  const bytes = encoder.encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const word = Math.imul(view.getUint32(at, true), multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(word ^ (word >>> 24), multiplier);
  }
  if (whole < bytes.length) {
    for (let at = whole; at < bytes.length; at++) hash ^= bytes[at] << (8 * (at - whole));
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return (hash ^ (hash >>> 15)) >>> 0;
}
