import type { NamedArrays } from '../weights/tensor-file';

/** Training that has left the path: a number that is none, or a loss far above what it had reached. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';

  /** @param loss the last loss, which is itself in order when the parameters are what broke */
  constructor(
    readonly epoch: number,
    readonly loss: number,
    expected: string,
    found: string,
  ) {
    super(
      `Training diverged in epoch ${epoch}: expected ${expected}, found ${found}. ` +
        `${epoch > 1 ? 'What was saved before is kept. ' : ''}` +
        'A smaller learning rate or protocol B may help.',
    );
  }
}

/**
 * @param loss of one step or epoch
 * @param lowest the lowest epoch loss so far; undefined in the first epoch
 */
export function checkDivergence(
  loss: number,
  lowest: number | undefined,
  factor: number,
  epoch: number,
): void {
  if (!Number.isFinite(loss)) {
    throw new TrainingDivergedError(epoch, loss, 'a finite loss', `a loss of ${loss}`);
  }
  if (lowest !== undefined && loss > factor * lowest) {
    const expected = `at most ${factor} times the lowest epoch's ${lowest.toPrecision(4)}`;
    throw new TrainingDivergedError(epoch, loss, expected, `a loss of ${loss}`);
  }
}

/**
 * A step with a finite loss can still leave parameters that are no numbers. They must not replace the last good
 * checkpoint, which the loss of the next step would find out too late.
 */
export function checkState(state: NamedArrays, loss: number, epoch: number): void {
  for (const [name, { data }] of state) {
    // A plain loop: of tens of millions of numbers, one call each would take a third of a second.
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      throw new TrainingDivergedError(epoch, loss, `finite numbers in "${name}"`, String(data[i]));
    }
  }
}
