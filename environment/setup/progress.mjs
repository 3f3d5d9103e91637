// What the set-up says goes to standard error: a command that sets up first keeps its standard
// output for its own results.
import { duration } from '../../src/lib/text/duration.js';

const nameWidth = 18;

/** @param {string} text */
export function say(text) {
  process.stderr.write(text + '\n');
}

/**
 * Shows one step as one line: its name and what it does, then what came of it and how long it took.
 *
 * @param {string} name
 * @param {string} doing
 * @param {() => Promise<string | void>} work may resolve to a few words on what came of it
 */
export async function showStep(name, doing, work) {
  const started = performance.now();
  process.stderr.write(`  ${name.padEnd(nameWidth)}${doing} ... `);
  try {
    const result = await work();
    process.stderr.write(`${result ? result + ', ' : ''}${since(started)}\n`);
  } catch (error) {
    process.stderr.write(`failed after ${since(started)}\n`);
    throw error;
  }
}

/**
 * @param {number} started as `performance.now()` gave it
 * @returns {string} how long ago that was, such as `0.4 s` or `1 min 13 s`
 */
export function since(started) {
  return duration((performance.now() - started) / 1000);
}
