import { spawn } from 'child_process';
import { once } from 'events';
import * as path from 'path';
import { interruptible } from '../terminal/interruption';

/** Calls the command line's `main`, as compiled or, where the environment asks for it, from its source. */
const PROGRAM =
  'require(process.argv[1]).main(process.argv.slice(2)).then((code) => (process.exitCode = code))';

/**
 * `stfpm evaluate` in a process of its own, so that its memory is that of judging alone: what this process has trained
 * and judged before is not in it. Its progress goes to standard error.
 *
 * @param args what follows `stfpm evaluate`
 * @throws Error when it fails, which it has explained; Interrupted
 */
export async function evaluateApart(args: readonly string[]): Promise<void> {
  const main = path.join(__dirname, '..', 'main');
  await interruptible(async (signal) => {
    const child = spawn(process.execPath, ['-e', PROGRAM, '--', main, 'evaluate', ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    try {
      const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
      signal.throwIfAborted();
      if (code !== 0) {
        throw new Error(
          `Expected \`stfpm evaluate ${args[0]}\` to end well, found ${killedBy ?? `exit code ${code}`}.`,
        );
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  });
}
