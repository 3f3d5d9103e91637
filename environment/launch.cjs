const path = require('node:path');

/**
 * Runs a compiled program of the lab, `dist/cli/main.js` unless another is named. Sets the lab up first
 * where that is still to be done, which compiles edited sources, and calls the program's `main`, whose
 * number becomes the exit code.
 *
 * @param {string[]} args
 * @param {string} [file] an absolute path
 */
async function launch(args, file = path.resolve(__dirname, '..', 'dist', 'cli', 'main.js')) {
  const { setUpOrExplain } = await import('./setup/main.mjs');
  if ((await setUpOrExplain()) === 'failed') {
    process.exitCode = 1;
    return;
  }
  // Stack traces name the lines of `src`.
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, file, ...args];
  /** @type {{ main: (args: string[]) => Promise<number> }} */
  const program = require(file);
  process.exitCode = await program.main(args);
}

module.exports = { launch };
