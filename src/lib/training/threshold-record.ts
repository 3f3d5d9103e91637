import { z } from 'zod';

export const thresholdSchema = z.object({
  value: z.number(),
  quantile: z.number(),
  images: z.number().int(),
  source: z.enum(['held-out', 'train']),
});

/**
 * From which image score on an image is called defective, set from normal images alone. Stored with the model.
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
