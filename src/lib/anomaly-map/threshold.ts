import { z } from 'zod';

export const thresholdSchema = z.object({
  value: z.number(),
  quantile: z.number(),
  images: z.number().int(),
  source: z.enum(['held-out', 'train']),
});

/**
 * A detector's threshold, set from normal images alone and stored with the model: an image whose score is above it is
 * called defective, see `isDefective`.
 */
export interface OperatingThreshold {
  value: number;
  /** The share of the normal images whose score is at most the threshold. */
  quantile: number;
  /** How many normal images it was set from. */
  images: number;
  /** Train images score lower than new ones: a threshold from them is on the strict side. */
  source: 'held-out' | 'train';
}

/** The threshold in the header of a model file; null if there is none. Throws when it is something else. */
export function parseThreshold(text: string | undefined): OperatingThreshold | null {
  return text === undefined ? null : thresholdSchema.parse(JSON.parse(text));
}

/**
 * Whether an image, or a pixel, is called defective: its score is above the threshold. One that equals the threshold is
 * called good.
 *
 * @throws RangeError if either is NaN, which is neither above nor below anything
 */
export function isDefective(score: number, threshold: number): boolean {
  if (Number.isNaN(score)) throw new RangeError('isDefective: expected a score, found NaN.');
  if (Number.isNaN(threshold))
    throw new RangeError('isDefective: expected a threshold, found NaN.');
  return score > threshold;
}
