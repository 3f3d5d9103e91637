// Whether `dist` is what `src` compiles to: a stamp in `dist`, the last that a build writes, says what
// it was made from. Read by every command and before each cell, so that it loads no compiler.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readStamp, writeStamp } from '../setup/stamp.mjs';

/**
 * What the compiler found wrong.
 * @typedef {object} BuildError
 * @property {string} file relative to the checkout; empty where it concerns no file
 * @property {number} line from 1
 * @property {number} column from 1
 * @property {string} message
 */

/**
 * One file that a build is made from.
 * @typedef {object} Input
 * @property {string} seen its size and time of change: the same as long as nobody writes it
 * @property {string} hash of its content
 */

/** @typedef {Record<string, Input>} Inputs by the file's path relative to the checkout */

/**
 * @typedef {object} Stamp
 * @property {Inputs} inputs
 * @property {Record<string, number>} outputs the size of each file in `dist`, by its path there
 * @property {BuildError[]} errors if there are any, `dist` is still what it was made into before
 */

/**
 * @typedef {{ status: 'current' }
 *   | { status: 'broken', errors: BuildError[] }
 *   | { status: 'due', reason: string }} BuildState
 */

/** What is compiled in a way that they decide; after a change, everything is compiled anew. */
const settings = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  // What is installed, as npm writes it down: a package that was missing may be there now.
  'node_modules/.package-lock.json',
  'environment/build/compile.mjs',
];

/** @param {string} checkout */
export const distOf = (checkout) => path.join(checkout, 'dist');

/** @param {string} checkout */
export const sourcesOf = (checkout) => path.join(checkout, 'src');

/** @param {string} checkout */
export const stampFileOf = (checkout) => path.join(distOf(checkout), 'stamp.json');

/**
 * Compares the sources with the last build; takes a few milliseconds.
 *
 * @param {string} checkout
 * @returns {BuildState}
 */
export function buildState(checkout) {
  const stamp = readBuildStamp(checkout);
  if (stamp === null) return { status: 'due', reason: 'not compiled yet' };
  const changed = changedInputs(checkout, stamp);
  if (changed.length > 0) return { status: 'due', reason: `${nameSome(changed)} changed` };
  const damaged = damagedOutput(checkout, stamp);
  if (damaged !== null) return { status: 'due', reason: `dist/${damaged} is not as it was made` };
  const { errors } = stamp;
  return errors.length > 0 ? { status: 'broken', errors } : { status: 'current' };
}

/**
 * @param {string} checkout
 * @returns {Stamp | null} null where no build has come to its end
 */
export function readBuildStamp(checkout) {
  const stamp = /** @type {any} */ (readStamp(stampFileOf(checkout)));
  return stamp?.inputs && stamp.outputs && Array.isArray(stamp.errors) ? stamp : null;
}

/**
 * @param {string} checkout
 * @param {Stamp} stamp
 */
export function writeBuildStamp(checkout, stamp) {
  writeStamp(stampFileOf(checkout), /** @type {any} */ (stamp));
}

/**
 * @param {string} checkout
 * @param {Stamp} stamp
 * @returns {string | null} a file in `dist` that has gone or has another size
 */
export function damagedOutput(checkout, stamp) {
  const isWhole = (/** @type {string} */ file) => {
    const stat = fs.statSync(path.join(distOf(checkout), file), { throwIfNoEntry: false });
    return stat?.size === stamp.outputs[file];
  };
  return Object.keys(stamp.outputs).find((file) => !isWhole(file)) ?? null;
}

/**
 * The files that were edited, added or removed since the stamp. One that was merely written again,
 * with the content that it had, is noted in the stamp and not named.
 *
 * @param {string} checkout
 * @param {Stamp} stamp
 * @returns {string[]}
 */
function changedInputs(checkout, stamp) {
  const files = listInputs(checkout);
  const changed = Object.keys(stamp.inputs).filter((file) => !files.has(file));
  let rewritten = false;
  for (const [file, seen] of files) {
    const before = stamp.inputs[file];
    if (before?.seen === seen) continue;
    if (before === undefined || before.hash !== hashOf(checkout, file)) changed.push(file);
    else {
      before.seen = seen;
      rewritten = true;
    }
  }
  if (rewritten && changed.length === 0) writeBuildStamp(checkout, stamp);
  return changed;
}

/**
 * @param {string} checkout
 * @returns {Inputs} as they are now
 */
export function readInputs(checkout) {
  const files = [...listInputs(checkout)];
  return Object.fromEntries(
    files.map(([file, seen]) => [file, { seen, hash: hashOf(checkout, file) }]),
  );
}

/**
 * @param {string[]} files
 * @returns {boolean} whether one of them has a part in how all others are compiled
 */
export function includesSettings(files) {
  return files.some((file) => settings.includes(file));
}

/**
 * @param {string} checkout
 * @returns {Map<string, string>} size and time of change by the file's path
 */
function listInputs(checkout) {
  /** @type {Map<string, string>} */
  const files = new Map();
  /** @param {string} file */
  const add = (file) => {
    const stat = fs.statSync(path.join(checkout, file), { throwIfNoEntry: false });
    if (stat !== undefined) files.set(file, `${stat.mtimeMs} ${stat.size}`);
  };
  /** @param {string} folder */
  const addFolder = (folder) => {
    for (const entry of fs.readdirSync(path.join(checkout, folder), { withFileTypes: true })) {
      // Editors keep copies of a file beside it, under such names.
      if (entry.name.startsWith('.') || entry.name.endsWith('~')) continue;
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) addFolder(file);
      else if (isInput(file)) add(file);
    }
  };
  settings.forEach(add);
  addFolder('src');
  return files;
}

/** @param {string} file */
function isInput(file) {
  return !file.endsWith('.md') && file !== 'src/cli/stfpm.js';
}

/**
 * @param {string} checkout
 * @param {string} file
 */
function hashOf(checkout, file) {
  try {
    return createHash('sha256')
      .update(fs.readFileSync(path.join(checkout, file)))
      .digest('hex');
  } catch {
    return ''; // removed since it was listed
  }
}

/** @param {string[]} files */
function nameSome([first, ...others]) {
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}
