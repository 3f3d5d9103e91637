import { quantileSorted } from 'simple-statistics';
import { z } from 'zod';
import { detect } from '../anomaly-map/detect';
import type { DetectOptions } from '../anomaly-map/detect';
import type { ImageStack } from '../data/load-images';
import type { Detector } from '../models/detector';

const thresholdSchema = z.object({
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

/** Normal images that are let pass. */
const QUANTILE = 0.99;

/** Sets the threshold from the scores of normal images. */
export async function operatingThreshold(
  detector: Detector,
  normal: ImageStack,
  source: OperatingThreshold['source'],
  options: Pick<DetectOptions, 'signal'> = {},
): Promise<OperatingThreshold> {
  const scores = (await detect(detector, normal, options)).map(({ score }) => score);
  const value = quantileSorted(
    scores.sort((a, b) => a - b),
    QUANTILE,
  );
  return { value, quantile: QUANTILE, images: normal.count, source };
}

/** The threshold in the header of a model file; null if there is none. Throws when it is something else. */
export function parseThreshold(text: string | undefined): OperatingThreshold | null {
  return text === undefined ? null : thresholdSchema.parse(JSON.parse(text));
}
