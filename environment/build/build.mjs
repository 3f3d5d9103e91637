// Makes `dist` of `src`: compiled modules, their declarations and source maps, and copies of what is
// no TypeScript. Everything runs from there: notebooks, their kernel and the command `stfpm`.
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { writeFileAtomic } from '../../src/lib/files/atomic-write.js';
import {
  buildState,
  damagedOutput,
  distOf,
  includesSettings,
  readBuildStamp,
  readInputs,
  stampFileOf,
  writeBuildStamp,
} from './state.mjs';

/** @typedef {import('./state.mjs').BuildError} BuildError */

/** TypeScript's own record of what it has compiled, named in tsconfig.build.json. */
const recordName = '.tsbuildinfo';
const errorsShown = 20;

/**
 * Compiles what has changed since the last build, and removes what has no source any more. Whoever
 * calls this holds the set-up's lock. A build that is cut off has left no stamp, and is done again.
 *
 * @param {string} checkout
 * @param {AbortSignal} [signal]
 * @returns {Promise<BuildError[]>} what the compiler found wrong: then `dist` is left as it was
 */
export async function build(checkout, signal) {
  for (;;) {
    const state = buildState(checkout);
    if (state.status === 'current') return [];
    if (state.status === 'broken') return state.errors;
    await buildOnce(checkout, signal);
    // Round again for what was edited in the meantime.
  }
}

/**
 * @param {string} checkout
 * @param {AbortSignal} [signal]
 */
async function buildOnce(checkout, signal) {
  const dist = distOf(checkout);
  // Read before the compiler reads them: what is edited in between differs from the stamp, and is
  // compiled in the next round.
  const inputs = readInputs(checkout);
  const last = readBuildStamp(checkout);
  const stamp = last !== null && damagedOutput(checkout, last) === null ? last : null;
  const changed = stamp === null ? [] : differing(inputs, stamp.inputs);
  // Without its record the compiler compiles everything. The files stay: commands may be running.
  if (stamp === null || includesSettings(changed))
    fs.rmSync(path.join(dist, recordName), { force: true });
  /** @type {Map<string, string>} */
  let outputs = new Map();
  if (!stamp || stamp.errors.length > 0 || !changed.every(isCopied)) {
    const compiled = await compile(checkout, signal);
    if (compiled.errors.length > 0) {
      writeBuildStamp(checkout, { inputs, outputs: stamp?.outputs ?? {}, errors: compiled.errors });
      return;
    }
    outputs = compiled.outputs;
  }
  fs.rmSync(stampFileOf(checkout), { force: true });
  for (const [file, text] of outputs) writeIfOther(file, Buffer.from(text));
  const sources = Object.keys(inputs).filter((file) => file.startsWith('src/'));
  for (const file of sources.filter(isCopied)) {
    writeIfOther(inDist(checkout, file), fs.readFileSync(path.join(checkout, file)));
  }
  const wanted = sources.flatMap((file) => outputsOf(checkout, file));
  removeOthers(dist, new Set([...wanted, path.join(dist, recordName)]));
  const written = wanted.map((file) => [path.relative(dist, file), fs.statSync(file).size]);
  writeBuildStamp(checkout, { inputs, outputs: Object.fromEntries(written), errors: [] });
}

/**
 * @param {import('./state.mjs').Inputs} now
 * @param {import('./state.mjs').Inputs} before
 * @returns {string[]} the files whose content is another, and those that are in one of the two alone
 */
function differing(now, before) {
  const files = new Set([...Object.keys(now), ...Object.keys(before)]);
  return [...files].filter((file) => now[file]?.hash !== before[file]?.hash);
}

/**
 * @param {BuildError[]} errors
 * @returns {string} for a person to read
 */
export function describeErrors(errors) {
  const shown = errors
    .slice(0, errorsShown)
    .map(({ file, line, column, message }) =>
      file === '' ? message : `${file}:${line}:${column} - ${message}`,
    );
  const left = errors.length - shown.length;
  const rest = left > 0 ? `\n... and ${left} more` : '';
  return `src does not compile:\n\n${shown.join('\n')}${rest}`;
}

/**
 * @param {string} checkout
 * @param {AbortSignal} [signal]
 * @returns {Promise<import('./compile.mjs').Compiled>}
 */
function compile(checkout, signal) {
  const thread = new Worker(new URL('./compile.mjs', import.meta.url), { workerData: checkout });
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal?.reason);
      void thread.terminate();
    };
    signal?.addEventListener('abort', stop);
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => {
      signal?.removeEventListener('abort', stop);
      reject(new Error(`The compiler ended with exit code ${code}.`)); // unless it has answered
    });
  });
}

/** What is compiled: the same files as tsconfig.build.json includes. */
const compiled = /^src\/.*\.ts$|^src\/lib\/.*\.js$/;

/** @param {string} file relative to the checkout */
function isCopied(file) {
  return file.startsWith('src/') && !compiled.test(file);
}

/**
 * @param {string} checkout
 * @param {string} file relative to it, below `src`
 */
function inDist(checkout, file) {
  return path.join(distOf(checkout), path.relative('src', file));
}

/**
 * @param {string} checkout
 * @param {string} file a source, relative to the checkout
 * @returns {string[]} the files in `dist` that are made of it
 */
function outputsOf(checkout, file) {
  const output = inDist(checkout, file);
  if (isCopied(file)) return [output];
  return ['.js', '.js.map', '.d.ts'].map((ending) => output.replace(/\.[jt]s$/, ending));
}

/**
 * A file that stays the same keeps its time, by which a kernel sees what it has to load anew.
 *
 * @param {string} file
 * @param {Buffer} content
 */
function writeIfOther(file, content) {
  if (fs.existsSync(file) && fs.readFileSync(file).equals(content)) return;
  writeFileAtomic(file, content);
}

/**
 * @param {string} folder
 * @param {Set<string>} wanted the files that stay
 * @returns {boolean} whether any is left in it
 */
function removeOthers(folder, wanted) {
  let left = false;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    const stays = entry.isDirectory() ? removeOthers(file, wanted) : wanted.has(file);
    if (!stays) fs.rmSync(file, { recursive: true });
    left ||= stays;
  }
  return left;
}
