/** Training that has left the path: the loss is no number, or far above what it had reached. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';

  constructor(
    readonly epoch: number,
    readonly loss: number,
    expected: string,
    lastGoodEpoch: number,
  ) {
    super(
      `Training diverged in epoch ${epoch}: expected ${expected}, found a loss of ${loss}. ` +
        `The state after epoch ${lastGoodEpoch} is kept. A smaller learning rate or protocol B may help.`,
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
    throw new TrainingDivergedError(epoch, loss, 'a finite loss', epoch - 1);
  }
  if (lowest !== undefined && loss > factor * lowest) {
    const expected = `at most ${factor} times the lowest epoch's ${lowest.toPrecision(4)}`;
    throw new TrainingDivergedError(epoch, loss, expected, epoch - 1);
  }
}
