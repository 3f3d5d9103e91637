import { duration } from '../../lib/text/duration';

/** Where a training stands. */
export interface TrainingState {
  /** Epochs finished. */
  epoch: number;
  /** Epochs planned. */
  epochs: number;
  /** The loss of each finished epoch. */
  loss: ArrayLike<number>;
  /** Mean or latest time of an epoch, in seconds; unknown before the first. */
  secondsPerEpoch?: number;
}

const BAR_LENGTH = 20;

/** One line of text: bar, epochs, latest loss, time of an epoch and time left. */
export function progressLine(state: TrainingState): string {
  return [progressBar(state.epoch, state.epochs), ...progressFacts(state)].join('  ');
}

/** A bar made of two characters, for what is done and what is left. */
export function progressBar(done: number, total: number, [full, empty] = ['█', '░']): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.floor(share * BAR_LENGTH);
  return full.repeat(filled) + empty.repeat(BAR_LENGTH - filled);
}

/** The facts beside the bar, each a short phrase. */
export function progressFacts({ epoch, epochs, loss, secondsPerEpoch }: TrainingState): string[] {
  const facts = [`epoch ${epoch} of ${epochs}`];
  const latest = loss[loss.length - 1];
  if (latest !== undefined) facts.push(`loss ${Number(latest.toPrecision(4))}`);
  if (secondsPerEpoch !== undefined) {
    facts.push(`${Number(secondsPerEpoch.toPrecision(2))} s per epoch`);
    const left = (epochs - epoch) * secondsPerEpoch;
    facts.push(
      epoch < epochs ? `${duration(left)} left` : `${duration(epoch * secondsPerEpoch)} in all`,
    );
  }
  return facts;
}
