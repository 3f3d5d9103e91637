// A stamp says what a finished step was made from. A step whose stamp is missing or tells of other
// inputs runs again, so an interrupted step, which has written none, does too.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { writeFileAtomic } from '../../src/lib/files/atomic-write.js';

/** @typedef {Record<string, string>} Stamp what the step was made from, by name */

/**
 * @param {string} file
 * @returns {Stamp | null} null where there is no readable stamp
 */
export function readStamp(file) {
  try {
    const stamp = JSON.parse(fs.readFileSync(file, 'utf8'));
    return stamp !== null && typeof stamp === 'object' ? stamp : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} file
 * @param {Stamp} stamp
 */
export function writeStamp(file, stamp) {
  writeFileAtomic(file, JSON.stringify(stamp, null, 2) + '\n');
}

/**
 * @param {Stamp | null} stamp what the step was last made from
 * @param {Stamp} wanted what it would be made from now
 * @returns {string[]} the names that differ, all of them where there is no stamp
 */
export function changedSince(stamp, wanted) {
  return Object.keys(wanted).filter((name) => stamp?.[name] !== wanted[name]);
}

/**
 * @param {...string} files
 * @returns {string} one SHA-256 (hex) over the contents, in the order given
 */
export function hashFiles(...files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = fs.readFileSync(file);
    hash.update(`${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
