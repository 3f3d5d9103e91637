/** A command line that cannot be meant: reported with a pointer to the help, as exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
