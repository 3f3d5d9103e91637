/** What the process says by its exit code. */
export const ExitCode = {
  ok: 0,
  /** Something failed: the message says what. */
  error: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Training diverged; the run keeps its last good epoch. */
  diverged: 3,
  /** Stopped by SIGINT (Ctrl-C), everything saved. */
  interrupted: 130,
  /** Stopped by SIGTERM, everything saved. */
  terminated: 143,
} as const;

/** The same for help texts. */
export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    failed: the message says why
  2    the command line is wrong
  3    training diverged; the run keeps its last good epoch
  130  stopped by Ctrl-C (143: by SIGTERM), with everything saved`;

type StopSignal = 'SIGINT' | 'SIGTERM';

/** The user, or the system, asked to stop, and the work has stopped in good order. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(
    readonly signal: StopSignal,
    message = 'Interrupted.',
  ) {
    super(message);
  }

  get exitCode(): number {
    return this.signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
  }
}

/**
 * npm passes a terminal's Ctrl-C on to a command that has already got it, so that one key press
 * arrives as two signals; within this time they count as one.
 */
const ONE_PRESS_MILLISECONDS = 500;

/**
 * Runs work that can be stopped. The first SIGINT or SIGTERM aborts the work's signal, with an
 * `Interrupted` as the reason; another one ends the process at once.
 *
 * @param onStop called when the first one comes
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onStop: () => void = () => {},
): Promise<T> {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const stop = (signal: StopSignal) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      controller.abort(new Interrupted(signal));
      onStop();
    } else if (performance.now() - firstAt > ONE_PRESS_MILLISECONDS) {
      process.exit(new Interrupted(signal).exitCode);
    }
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
