// What the set-up says goes to standard error: a command that sets up first keeps its standard
// output for its own results.
const nameWidth = 18;

/** @param {string} text */
export function say(text) {
  process.stderr.write(text + '\n');
}

/**
 * Shows one step as one line: its name and what it does, then what came of it and the seconds.
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
    process.stderr.write(`${result ? result + ', ' : ''}${seconds(performance.now() - started)}\n`);
  } catch (error) {
    process.stderr.write(`failed after ${seconds(performance.now() - started)}\n`);
    throw error;
  }
}

/**
 * @param {number} milliseconds
 * @returns {string} such as `0.4 s` or `73 s`
 */
export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}
