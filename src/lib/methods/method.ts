import { z } from 'zod';
import type { ProductResolution } from '../anomaly-map/anomaly-map';
import type { Judge } from '../anomaly-map/detect';
import { FITS } from '../data/frame';
import type { Fit } from '../data/frame';
import type { ImageStack } from '../data/image';
import { regionOfInterestSchema } from '../data/region-of-interest';
import type { RegionOfInterest } from '../data/region-of-interest';
import type { ResizeFilter } from '../data/resample';
import { valueRangeSchema } from '../data/value-range';
import type { ValueRange } from '../data/value-range';
import { imageSizeSchema, tileSettings } from '../models/image-size';
import type { SideOrSize } from '../models/side-or-size';
import type { ParameterStore } from '../models/parameter-store';
import type { GraphProto } from '../onnx/messages';
import type { EpochRecord, RunFolder } from '../training/run-folder';
import type { StepEvent, TrainResult } from '../training/train';
import type { NamedArrays } from '../weights/named-arrays';

/**
 * A way to make a detector from normal images, as a paper describes it: STFPM, the paper's extension of it, and those
 * that it is compared with. `methods/index.ts` lists them all; runs, commands and notebooks know no other way in.
 */
export interface AnomalyMethod<
  Config extends MethodSettings = MethodSettings,
> extends Learner<Config> {
  /** Whether it judges pixels; where not, whole images only, and `map` is null. */
  readonly hasMaps: boolean;
  /** Whether what does not count of an image, as padding does, is left out of all that it learns and says. */
  readonly canPad: boolean;
  /**
   * @param model what `fit` gave, as it is read from the run's model.safetensors
   * @param teacher stays the caller's
   */
  open(model: NamedArrays, config: Config, teacher: ParameterStore): Judge;
  /**
   * The detector as an ONNX graph, with the inputs and outputs of `VALUE_NAMES`; or why it cannot be one.
   *
   * @param productResolution for methods with a product of level maps
   */
  graph:
    | string
    | ((
        model: NamedArrays,
        config: Config,
        teacher: NamedArrays,
        productResolution: ProductResolution,
      ) => GraphProto);
}

/** What a run is made by: an anomaly method, or the pre-training of auto-encoders, which detects nothing yet. */
export interface Learner<Config extends MethodSettings = MethodSettings> {
  /** What `stfpm train --method` calls it. */
  readonly name: string;
  /** What tables and figures call it. */
  readonly title: string;
  /** Authors, title, venue, year. */
  readonly paper: string;
  /** Whether it learns from the frozen backbone's features; where not, no weights are read. */
  readonly usesTeacher: boolean;
  /** Whether it can begin with the student of a finished run, which it does where `epochs` is 0. Default: no. */
  readonly takesStudent?: boolean;
  /** Its settings, all with defaults but the category. `recipe` tells them from those of other methods. */
  readonly schema: z.ZodType<Config, z.ZodTypeDef, unknown>;
  /**
   * Learns from normal images.
   *
   * @throws the signal's reason when it is stopped before there is anything to save; TrainingDivergedError
   */
  fit(images: NormalImages, config: Config, context: FitContext): Promise<Fitted | Stopped>;
}

/** What all settings have. */
export interface MethodSettings {
  recipe: string;
  category: string;
  imageSize: SideOrSize;
  fit: Fit;
  tileOverlap: number | null;
  maxTiles: number;
  resizeFilter: ResizeFilter;
  valueRange: ValueRange | null;
  roi: RegionOfInterest | null;
  augmentedImages: number;
  seed: number;
  trainImages?: number | null;
}

/** Normal images at the size of the settings, and nothing else: no method sees a defect before it is evaluated. */
export interface NormalImages {
  /** To learn from; augmented copies where the settings ask for them. */
  train: ImageStack;
  /** To choose by; empty where the settings hold none out. The operating threshold is set from these. */
  heldOut: ImageStack;
}

export interface FitContext {
  /** The frozen backbone: `resnet18(teacher, imageBatch(stack, indices))` gives its levels. */
  teacher: ParameterStore;
  /** Where a long training saves its progress, see `train` of training/train.ts. */
  run: RunFolder;
  /** What the model file says of itself. */
  header: Record<string, string>;
  /** Joint training: the pre-trained auto-encoders that it begins with. */
  autoEncoders?: NamedArrays;
  /** The model of a finished run of STFPM or of the paper's model, to use in place of a student trained anew. */
  student?: NamedArrays;
  /** Pre-training: the test images with this label, for its record alone; null where there are none. */
  testImages?: (label: 0 | 1) => Promise<ImageStack | null>;
  /** Bytes of memory that features kept during training may take; beyond it they lie in the run folder. */
  featureMemory?: number;
  /** As in `train`. */
  saveSeconds?: number;
  signal?: AbortSignal;
  /** @param what 'teacher' for the teacher's features, else in words: 'Choosing the memory' */
  onProgress?: (what: string, done: number, total: number) => void;
  onStep?: (event: StepEvent) => void;
  onEpoch?: (record: EpochRecord, records: readonly EpochRecord[]) => void;
}

/** What learning came to. @param notes what the user should know of it, in sentences */
export type Fitted = { status: 'finished'; model: NamedArrays; notes?: string[] } & TrainResult;
/** Stopped by the signal, with all progress saved in the run folder. */
export type Stopped = { status: 'interrupted' } & TrainResult;

/** What a training with `train` came to. @param model at its end */
export function trained({ status, ...result }: TrainResult, model: NamedArrays): Fitted | Stopped {
  return status === 'finished'
    ? { ...result, status: 'finished', model }
    : { ...result, status: 'interrupted' };
}

/** Of a method that computes its model at once, without epochs. */
export function fittedAtOnce(model: NamedArrays): Fitted {
  return { status: 'finished', epochs: [], modelEpoch: null, model };
}

/** Settings of every method, besides the images and the teacher themselves. */
export const sharedSettings = {
  /** Category of the data set, e.g. bottle. */
  category: z.string().min(1),
  /** Side of square input images in pixels, or height and width. */
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
  /** For very few train images: learn from this many flipped, turned and cropped copies of them. 0: as they are. */
  augmentedImages: z.number().int().min(0).default(0),
  /** Seeds all that is random. */
  seed: z.number().int().min(0).default(0),
  /** Few-shot: how many of the good images are used, as the seed chooses them; the rest is left alone. Null: all. */
  trainImages: z.number().int().min(1).nullable().default(null),
  /**
   * The share of the train images that is held out, which the threshold is set from. A memory of the images would
   * know its own by heart. 0, or a single image: none, and no threshold.
   */
  validationShare: z.number().min(0).lt(1).default(0.2),
};
