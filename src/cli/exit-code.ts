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
