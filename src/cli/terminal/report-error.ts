import { CommanderError } from 'commander';
import { UsageError } from '../options';
import { ExitCode, Interrupted } from './interruption';
import { complain, say } from './say';

/** A command has done its work, and its exit code says how that came out. */
export class Outcome extends Error {
  override readonly name = 'Outcome';

  /** @param isError whether the message is one */
  constructor(
    readonly exitCode: number,
    message: string,
    readonly isError: boolean,
  ) {
    super(message);
  }
}

/**
 * Tells the user what went wrong.
 *
 * @param verbose with the stack, for anyone looking for a bug in the program
 * @returns the exit code that says the same
 */
export function reportError(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) {
    // Commander has written its message or the help that was asked for.
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  if (error instanceof Interrupted) {
    say(error.message);
    return error.exitCode;
  }
  if (error instanceof Outcome) {
    if (error.isError) complain(error.message);
    else say(error.message);
    return error.exitCode;
  }
  const { message, stack, name } = error instanceof Error ? error : new Error(String(error));
  complain(verbose ? describe(error) || stack || message : message || name);
  if (error instanceof UsageError) {
    say('See `stfpm --help` and `stfpm COMMAND --help`.');
    return ExitCode.usage;
  }
  // By name: the class is in a module that loads the library.
  return name === 'TrainingDivergedError' ? ExitCode.diverged : ExitCode.error;
}

/** The stacks of an error and of what caused it. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const cause = describe(error.cause);
  return `${error.stack}${cause ? `\ncaused by: ${cause}` : ''}`;
}
