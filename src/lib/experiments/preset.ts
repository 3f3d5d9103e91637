import type { DetectorConfig } from '../methods/index';
import type {
  BaselineConfigInput,
  JointConfigInput,
  PreTrainingConfigInput,
} from '../training/config';

/** What the paper's Table 2 says of a row. */
export interface PaperNumbers {
  pixelAuroc: number;
  imageAuroc: number;
  /** L_tot of the last epoch, summed over the batch; null where the paper has none. */
  finalLoss: number | null;
}

type Settings<Input> = Omit<Input, 'category' | 'seed' | 'epochs' | 'augmentedImages' | 'recipe'>;

/** An experiment as data: all that distinguishes it from the method's defaults, except seed and length. */
export interface Preset {
  /** What the names of its runs begin with. */
  name: string;
  /** In a table. */
  title: string;
  category: string;
  /** The project's own images; default: those of the data set that is named. */
  images?: 'synthetic';
  /** The teacher that the row is about; default: the one that is asked for. */
  teacher?: 'imagenet' | 'embedded' | 'random';
  /** What the training's length is where the row is about it; default: the epochs that are asked for. */
  steps?: number;
  /** The row, on the same images, of fewer steps of the same training: this one goes on where that ended. */
  goesOnFrom?: Preset;
  experiment:
    | { recipe: 'baseline'; settings: Settings<BaselineConfigInput> }
    | {
        recipe: 'joint';
        settings: Settings<JointConfigInput>;
        /** What distinguishes the pre-training from the category's default one; names its runs. */
        variant?: string;
      }
    | {
        /** Of another method. */
        recipe: Exclude<DetectorConfig['recipe'], 'baseline' | 'joint'>;
        /** Those that differ from the method's own. */
        settings: Readonly<Record<string, unknown>>;
        /** The row, on the same images, whose student is taken over in place of one trained anew. */
        student?: Preset;
      };
  paper?: PaperNumbers;
  /** What a reader of the numbers must know. */
  note?: string;
}

/** The settings of a preset's pre-training: those of the auto-encoders' shape, and what it computes in. */
export function preTrainingSettings({ experiment }: Preset): Partial<PreTrainingConfigInput> {
  if (experiment.recipe !== 'joint') return {};
  const { autoEncoder, imageSize, precision, resizeFilter } = experiment.settings;
  return {
    ...(autoEncoder && { autoEncoder }),
    ...(imageSize !== undefined && { imageSize }),
    ...(precision && { precision }),
    ...(resizeFilter && { resizeFilter }),
  };
}

/** Joint training on a category. */
export function joint(
  name: string,
  title: string,
  category: string,
  settings: Settings<JointConfigInput>,
  rest: Pick<Preset, 'paper' | 'note'> & { variant?: string } = {},
): Preset {
  const { variant, ...others } = rest;
  return {
    name,
    title,
    category,
    experiment: { recipe: 'joint', settings, ...(variant !== undefined && { variant }) },
    ...others,
  };
}

/** STFPM on a category, which the paper compares with. */
export function baseline(category: string, rest: Pick<Preset, 'paper' | 'note'> = {}): Preset {
  return {
    name: `baseline-${category}`,
    title: `${category}: STFPM without auto-encoders`,
    category,
    experiment: { recipe: 'baseline', settings: {} },
    ...rest,
  };
}
