import { z } from 'zod';
import { SIZE_MULTIPLE } from '../models/size-multiple';

/**
 * Everything that a baseline run depends on, besides the images and the teacher's weights themselves. Stored as the
 * run's config.json. Defaults are the paper's (section 3, "Implementation") and the STFPM authors'.
 */
export const baselineConfigSchema = z
  .object({
    recipe: z.literal('baseline').default('baseline'),
    /** Category of the data set, e.g. bottle. */
    category: z.string().min(1),
    /** Side of the square input images, in pixels; a multiple of 16. */
    imageSize: z.number().int().min(32).max(2048).multipleOf(SIZE_MULTIPLE).default(256),
    /** How images are resized; both filters are antialiased. */
    resizeFilter: z.enum(['bilinear', 'lanczos3']).default('bilinear'),
    /**
     * A, the paper's: all train images, the last epoch's student. B, the STFPM authors': one part of the train images is
     * held out, and the student with the smallest mean anomaly map on it is kept. Neither looks at test images.
     */
    protocol: z.enum(['A', 'B']).default('A'),
    /** Protocol B: the share of the train images that is held out. */
    validationShare: z.number().gt(0).lt(1).default(0.2),
    epochs: z.number().int().min(1).default(100),
    /** The last, smaller batch of an epoch is trained on too. */
    batchSize: z.number().int().min(1).default(32),
    learningRate: z.number().gt(0).default(0.4),
    momentum: z.number().min(0).lt(1).default(0.9),
    weightDecay: z.number().min(0).default(1e-4),
    /** Seeds the student's initial weights, the split and the order of the images. */
    seed: z.number().int().min(0).default(0),
    /** Stop when an epoch's loss exceeds the lowest so far by this factor. */
    divergenceFactor: z.number().gt(1).default(5),
  })
  .strict();

export type BaselineConfig = z.infer<typeof baselineConfigSchema>;
export type BaselineConfigInput = z.input<typeof baselineConfigSchema>;

/** Fills in the defaults. Throws an Error that lists every field that is wrong, what was expected and found. */
export function baselineConfig(input: BaselineConfigInput): BaselineConfig {
  const result = baselineConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || '(config)'}: ${message}`,
  );
  throw new Error(`The training configuration is not valid:\n${lines.join('\n')}`);
}
