// Runs a TypeScript program of the lab: `node environment/launch.cjs FILE [argument ...]`, or
// `launch(file, arguments)`. Sets the lab up first if that is still to be done, starts the process
// again where the runtime environment asks for it, and calls the program's `main`, if it exports
// one, whose number becomes the exit code.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { completeEnvironment } = require('./runtime-environment.cjs');

/**
 * @param {string} file an absolute path
 * @param {string[]} args
 */
async function launch(file, args) {
  const { setUpOrExplain } = await import('./setup/main.mjs');
  if ((await setUpOrExplain()) === 'failed') {
    process.exitCode = 1;
    return;
  }
  if (completeEnvironment(process.env)) {
    startAgain();
    return;
  }
  process.argv = [process.execPath, file, ...args];
  require('tsx/cjs/api').register();
  /** @type {{ main?: (args: string[]) => Promise<number> }} */
  const program = require(file);
  if (program.main !== undefined) process.exitCode = await program.main(args);
}

/** Runs this same command in a child, which has the whole environment from its start. */
function startAgain() {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  // A terminal's Ctrl-C reaches the child by itself; the other signals are sent to one process.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    throw error;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

module.exports = { launch };

if (require.main === module) {
  require('./node-version.cjs').requireNodeVersion();
  void launch(path.resolve(process.argv[2]), process.argv.slice(3));
}
