import { SetupFailure } from './failure.mjs';
import { say } from './progress.mjs';
import { stopRunning } from './run-logged.mjs';
import { setUp } from './set-up.mjs';

const usage = `Usage: npm run setup [-- --gpu | --cpu]

Installs the Node and Python packages, builds the engine and registers the notebook kernel, all
inside this folder. What is done already is left as it is.

  --gpu   TensorFlow for NVIDIA GPUs (computes on the CPU where there is none)
  --cpu   TensorFlow for the CPU; the default, unless --gpu was chosen before

The variables PYTHON and CXX name a Python and a C++ compiler to use.`;

/** Reads the process's arguments, sets up, and sets the exit code. */
export async function setUpFromCommandLine() {
  const args = process.argv.slice(2);
  const unknown = args.filter((argument) => !['--gpu', '--cpu', '--help', '-h'].includes(argument));
  if (unknown.length > 0 || args.includes('--help') || args.includes('-h')) {
    say(unknown.length > 0 ? `Unknown: ${unknown.join(' ')}\n\n${usage}` : usage);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  const variant = args.includes('--gpu') ? 'gpu' : args.includes('--cpu') ? 'cpu' : undefined;
  const outcome = await setUpOrExplain({ variant });
  if (outcome === 'failed') process.exitCode = 1;
  const asked = process.env.npm_lifecycle_event === 'setup';
  if (outcome === 'nothing to do' && asked) say('The lab is ready.');
}

/**
 * Sets up; a failure is told to the user, and so is an interruption, which ends the process.
 *
 * @param {{ variant?: import('./set-up.mjs').Variant }} [options]
 * @returns {Promise<'done' | 'nothing to do' | 'failed'>}
 */
export async function setUpOrExplain(options) {
  let interrupted = false;
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    if (interrupted) return;
    interrupted = true;
    say('\nThe set-up was interrupted; run it again and it goes on from there.');
    void stopRunning().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return (await setUp(options)) ? 'done' : 'nothing to do';
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    // What was stopped has failed, too; the process ends with the rest of it.
    if (interrupted) await new Promise(() => {});
    say(`\n${error.message}`);
    return 'failed';
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
