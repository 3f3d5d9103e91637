import type { Scores } from './scores';

/**
 * @returns how many items are anomalous (1)
 * @throws RangeError unless there is a label, 0 or 1, for each score
 */
export function checkLabels(scores: Scores, labels: Uint8Array): number {
  if (scores.length !== labels.length) {
    throw new RangeError(
      `Expected a label for each of ${scores.length} scores, found ${labels.length}.`,
    );
  }
  // A plain loop: findIndex and reduce call a function for each of millions of labels.
  let bits = 0;
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    bits |= labels[i];
    positives += labels[i];
  }
  if (bits <= 1) return positives;
  const wrong = labels.findIndex((label) => label > 1);
  throw new RangeError(`Expected labels 0 and 1, found ${labels[wrong]} at ${wrong}.`);
}
