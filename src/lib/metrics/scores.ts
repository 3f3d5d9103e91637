/** Scores as the metrics take them; a larger score means more anomalous. Never NaN. */
export type Scores = Float32Array | Float64Array;

/** The items that were given do not define the metric, e.g. because all of them are normal. */
export class UndefinedMetricError extends RangeError {
  constructor(message: string) {
    super(message);
    this.name = 'UndefinedMetricError';
  }
}

/** The error for scores that cannot be ranked: how many are NaN, and where the first ones stand. */
export function nanScoreError(scores: Scores): RangeError {
  const named = 5;
  const first: number[] = [];
  let count = 0;
  scores.forEach((score, i) => {
    if (!Number.isNaN(score)) return;
    if (count++ < named) first.push(i);
  });
  const where = `${first.join(', ')}${count > named ? ', ...' : ''}`;
  return new RangeError(
    `Expected scores that can be ranked, found NaN in ${count} of ${scores.length}, at ${where}.`,
  );
}

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

interface ClassCounts {
  positives: number;
  negatives: number;
}

/** @throws UndefinedMetricError unless there are both normal and anomalous items */
export function requireBothClasses(metric: string, { positives, negatives }: ClassCounts): void {
  if (positives > 0 && negatives > 0) return;
  throw new UndefinedMetricError(
    `${metric} needs normal and anomalous items, found ${negatives} normal and ` +
      `${positives} anomalous.`,
  );
}

/** @throws UndefinedMetricError if there are no anomalous items */
export function requirePositives(metric: string, { positives, negatives }: ClassCounts): void {
  if (positives > 0) return;
  throw new UndefinedMetricError(
    `${metric} needs anomalous items, found ${negatives} normal and 0 anomalous.`,
  );
}

/** The size of an image, or of each in a stack, in pixels. */
export interface ImageSize {
  height: number;
  width: number;
}

/**
 * The number of images in a stack of pixels, [images, height, width] row-major.
 *
 * @throws RangeError if a side is not a positive integer, or the pixels do not make a whole number of
 *   images
 */
export function stackedImages(pixels: number, { height, width }: ImageSize): number {
  for (const [name, value] of Object.entries({ height, width })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Expected a positive integer as ${name}, found ${value}.`);
    }
  }
  const images = pixels / (height * width);
  if (!Number.isInteger(images)) {
    throw new RangeError(
      `Expected whole images of ${width} x ${height} = ${height * width} pixels, found ${pixels} pixels.`,
    );
  }
  return images;
}
