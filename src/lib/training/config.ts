import { z } from 'zod';
import { FITS } from '../data/frame';
import { regionOfInterestSchema } from '../data/region-of-interest';
import { valueRangeSchema } from '../data/value-range';
import { ELEMENT_TYPES } from '../engine/index';
import { autoEncoderConfigSchema, poolings } from '../models/auto-encoder';
import { imageSizeSchema, sizeInWords, tileSettings } from '../models/image-size';
import { sizeOf } from '../models/side-or-size';
import { SIZE_MULTIPLE } from '../models/resnet18';

/** Steps of an epoch where a training's length is counted in steps: the held-out images are looked at so often. */
const STEPS_BETWEEN_LOOKS = 25;

/** The settings of a training of at least so many steps, whatever the number of images. */
export function settingsForSteps(steps: number): { epochSteps: number; epochs: number } {
  const epochSteps = Math.min(steps, STEPS_BETWEEN_LOOKS);
  return { epochSteps, epochs: Math.ceil(steps / epochSteps) };
}

/**
 * What STFPM is trained with on a user's own images unless told otherwise: long enough whatever their number, on the average
 * of the weights, and no longer than the held-out images gain by it (docs/methods.md has the measurements).
 */
export const OWN_IMAGES_SETTINGS = {
  protocol: 'B',
  ...settingsForSteps(1000),
  patience: 10,
  weightAverage: 0.99,
} as const;

/** What every recipe depends on, besides the images and the weights of teacher and auto-encoders themselves. */
const shared = {
  /** Category of the data set, e.g. bottle. */
  category: z.string().min(1),
  /** Side of square input images in pixels, or height and width; multiples of 16, of 128 with U-Nets. */
  imageSize: imageSizeSchema.default(256),
  /** How pictures come to that size. */
  fit: z.enum(FITS).default('stretch'),
  ...tileSettings,
  /** How images are resized; both filters are antialiased. */
  resizeFilter: z.enum(['bilinear', 'lanczos3']).default('bilinear'),
  /** The scale of images with more than 8 bits a channel; null: none are, or, before training, to be found from them. */
  valueRange: valueRangeSchema.nullable().default(null),
  /** What counts of the pictures. Null: all of it. Found from the data set before training. */
  roi: regionOfInterestSchema.nullable().default(null),
  /**
   * For very few train images: train on this many flipped, turned and cropped copies of them instead, made once, before
   * training. 0: the images as they are.
   */
  augmentedImages: z.number().int().min(0).default(0),
  epochs: z.number().int().min(1).default(100),
  /** The last, smaller batch of an epoch is trained on too. */
  batchSize: z.number().int().min(1).default(32),
  /**
   * What networks compute their activations in while they learn. Weights, the statistics of batch norms, losses and the
   * optimiser are float32 in either case, and so is the trained network.
   */
  precision: z.enum(ELEMENT_TYPES).default('float32'),
  /** What the teacher's features are kept in during training: bfloat16 takes half the memory, or disk. */
  featurePrecision: z.enum(ELEMENT_TYPES).default('float32'),
  /** Seeds initial weights, the split, augmentation and the order of the images. */
  seed: z.number().int().min(0).default(0),
  /** Stop when an epoch's loss exceeds the lowest so far by this factor. */
  divergenceFactor: z.number().gt(1).default(5),
};

/** What recipes with a student share; defaults are the paper's (section 3) and the STFPM authors'. */
const studentSettings = {
  /**
   * A, the paper's: all train images, the last epoch's student. B, the STFPM authors': one part of the train images is
   * held out, and the student with the smallest mean anomaly map on it is kept. Neither looks at test images.
   */
  protocol: z.enum(['A', 'B']).default('A'),
  /** Protocol B: the share of the train images that is held out. */
  validationShare: z.number().gt(0).lt(1).default(0.2),
  /** Of the student. */
  learningRate: z.number().gt(0).default(0.4),
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).default(1e-4),
  /**
   * Steps of an epoch: it goes over the images as often as these take, which for few images is many times. Null: one
   * pass over the images.
   */
  epochSteps: z.number().int().min(1).nullable().default(null),
  /** Protocol B: training ends after so many epochs without a lower value on the held-out images. Null: never before its time. */
  patience: z.number().int().min(1).nullable().default(null),
};

/** STFPM without auto-encoders. Stored as the run's config.json. */
export const baselineConfigSchema = z
  .object({
    recipe: z.literal('baseline').default('baseline'),
    ...shared,
    ...studentSettings,
    /** 'cosine': the learning rate falls along a cosine to 0. The STFPM authors' is constant. */
    learningRateDecay: z.enum(['none', 'cosine']).default('none'),
    /**
     * The model is an exponential average of the student's weights, of which each step keeps this share: .99, for
     * example. Null: the student as it is, which swings where the learning rate is constant.
     */
    weightAverage: z.number().min(0).lt(1).nullable().default(null),
    /** The first steps, in which the learning rate rises from 0 in a straight line. */
    warmUpSteps: z.number().int().min(0).default(0),
    /** Longest gradient of all parameters together, before weight decay. Null: as long as it is. */
    clipNorm: z.number().gt(0).nullable().default(null),
  })
  .strict();

/** Auto-encoders that copy the teacher's features. */
const preTrainingConfigSchema = z
  .object({
    recipe: z.literal('pre-training').default('pre-training'),
    ...shared,
    /** Of Adam. */
    learningRate: z.number().gt(0).default(1e-3),
    autoEncoder: autoEncoderConfigSchema.default({}),
  })
  .strict();

/** The paper's method: student and auto-encoders trained together. */
const jointConfigSchema = z
  .object({
    recipe: z.literal('joint').default('joint'),
    ...shared,
    ...studentSettings,
    autoEncoder: autoEncoderConfigSchema.default({}),
    /** 'pre-trained': fine-tuned from a pre-training run. 'raw': from random weights. 'frozen': never updated. */
    mode: z.enum(['pre-trained', 'raw', 'frozen']).default('pre-trained'),
    autoEncoderLearningRate: z.number().gt(0).default(0.04),
    /** The first epochs, in which the auto-encoders stay as they are. */
    frozenEpochs: z.number().int().min(0).default(5),
    /** Weight of the reconstruction loss. */
    alpha: z.number().min(0).default(1e-7),
    /** In place of alpha: the share of L_sim at which alpha L_rec is kept, step by step (the paper's future work). */
    dynamicAlpha: z.number().gt(0).nullable().default(null),
    /** 'sum': the paper's. 'unit': of vectors of length 1, averaged over positions (the paper's future work). */
    reconstruction: z.enum(['sum', 'unit']).default('sum'),
    /** Whether L_rec takes the student's features as given: its gradient then reaches them through A alone. */
    stopGradient: z.boolean().default(false),
    /** Longest gradient of all trained parameters together, before weight decay. */
    clipNorm: z.number().gt(0).default(1),
    /**
     * Which gradients count towards that length while the auto-encoders are frozen: those of what is updated, the
     * student's; or all, unused ones of the auto-encoders included, which makes the student's first steps shorter.
     */
    clipOver: z.enum(['updated', 'all']).default('updated'),
  })
  .strict();

/** Any recipe's configuration; one without a recipe is a baseline. */
export const trainingConfigSchema = z
  .discriminatedUnion('recipe', [baselineConfigSchema, preTrainingConfigSchema, jointConfigSchema])
  .superRefine((config, context) => {
    if (config.recipe === 'baseline') return;
    const multiple = SIZE_MULTIPLE * 2 ** poolings(config.autoEncoder);
    const { height, width } = sizeOf(config.imageSize);
    const margin = 2 * config.autoEncoder.crop * SIZE_MULTIPLE;
    if ([height, width].some((side) => (side + margin) % multiple !== 0)) {
      context.addIssue({
        code: 'custom',
        path: ['imageSize'],
        message: `with these auto-encoders a multiple of ${multiple} is expected, found ${typeof config.imageSize === 'number' ? config.imageSize : sizeInWords(config.imageSize)}`,
      });
    }
    const smallestSide = Math.min(height, width) / SIZE_MULTIPLE;
    if (config.autoEncoder.crop >= smallestSide) {
      context.addIssue({
        code: 'custom',
        path: ['autoEncoder', 'crop'],
        message: `a margin below ${smallestSide}, the side of level 3, is expected, found ${config.autoEncoder.crop}`,
      });
    }
  });

export type BaselineConfig = z.infer<typeof baselineConfigSchema>;
export type BaselineConfigInput = z.input<typeof baselineConfigSchema>;
export type PreTrainingConfig = z.infer<typeof preTrainingConfigSchema>;
export type PreTrainingConfigInput = z.input<typeof preTrainingConfigSchema>;
export type JointConfig = z.infer<typeof jointConfigSchema>;
export type JointConfigInput = z.input<typeof jointConfigSchema>;
export type TrainingConfig = BaselineConfig | PreTrainingConfig | JointConfig;
export type Recipes = TrainingConfig['recipe'];

/**
 * Fills in the defaults of a recipe's configuration.
 *
 * @throws Error that lists every field that is wrong, what was expected and found
 */
export function trainingConfig(input: z.input<typeof trainingConfigSchema>): TrainingConfig {
  const result = trainingConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || '(config)'}: ${message}`,
  );
  throw new Error(`The training configuration is not valid:\n${lines.join('\n')}`);
}

/** `trainingConfig` of the baseline. */
export function baselineConfig(input: BaselineConfigInput): BaselineConfig {
  return trainingConfig({ ...input, recipe: 'baseline' }) as BaselineConfig;
}

/** `trainingConfig` of pre-training. */
export function preTrainingConfig(input: PreTrainingConfigInput): PreTrainingConfig {
  return trainingConfig({ ...input, recipe: 'pre-training' }) as PreTrainingConfig;
}

/** `trainingConfig` of joint training. */
export function jointConfig(input: JointConfigInput): JointConfig {
  return trainingConfig({ ...input, recipe: 'joint' }) as JointConfig;
}
