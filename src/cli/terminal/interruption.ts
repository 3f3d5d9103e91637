/** What the process says by its exit code. */
export const ExitCode = {
  ok: 0,
  /** Something failed: the message says what. */
  error: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Training diverged; the run keeps its last good epoch. */
  diverged: 3,
  /** `predict --fail-on-defect` found a defect; every image was judged. */
  defect: 4,
  /** `predict` could not judge every image. */
  notJudged: 5,
  /** Stopped by SIGHUP (its terminal was closed), everything saved. */
  hungUp: 129,
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
  4    predict --fail-on-defect: every image was judged, and one is defective
  5    predict: an image could not be judged, whatever the others are
  130  stopped by Ctrl-C (143: by SIGTERM, 129: its terminal was closed), with
       everything saved`;

const SIGNALS = {
  SIGHUP: ExitCode.hungUp,
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
} as const;

type StopSignal = keyof typeof SIGNALS;

const NAMES = Object.keys(SIGNALS) as StopSignal[];

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
    return SIGNALS[this.signal];
  }
}

/**
 * npm passes a terminal's Ctrl-C on to a command that has already got it, so that one key press
 * arrives as two signals; within this time they count as one.
 */
const ONE_PRESS_MILLISECONDS = 500;

/**
 * Runs work that can be stopped. The first SIGINT, SIGTERM or SIGHUP aborts the work's signal, with an `Interrupted` as
 * the reason. From then on the system handles them: another one ends the process at once, even while it computes, reads
 * or waits for a thread.
 *
 * @param onStop called when the first one comes
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onStop: () => void = () => {},
): Promise<T> {
  const controller = new AbortController();
  let ready: NodeJS.Timeout | undefined;
  const remove = () => {
    clearTimeout(ready);
    for (const name of NAMES) process.off(name, stop);
  };
  const stop = (signal: StopSignal) => {
    if (ready) return;
    // Without a handler a signal has its usual effect.
    ready = setTimeout(remove, ONE_PRESS_MILLISECONDS);
    controller.abort(new Interrupted(signal));
    onStop();
  };
  for (const name of NAMES) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    remove();
  }
}
