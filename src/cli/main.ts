import { ExitCode } from './terminal/interruption';
import { createProgram } from './program';
import { reportError } from './terminal/report-error';

/**
 * The command `stfpm`.
 *
 * @param argv the arguments after the command's name
 * @returns the exit code; the process goes on, unless a second signal to stop comes
 */
export async function main(argv: string[]): Promise<number> {
  const verbose = argv.includes('--verbose') || Boolean(process.env.STFPM_DEBUG);
  if (!process.stdout.listeners('error').includes(endQuietly)) {
    process.stdout.on('error', endQuietly);
  }
  try {
    await createProgram(argv).parseAsync(argv, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    return reportError(error, verbose);
  }
}

/** Whoever reads the output may have seen enough (`stfpm doctor | head -3`). */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
