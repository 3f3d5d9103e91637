import type { z } from 'zod';
import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { createTensorFlowDetector, judgeByNetworks } from '../anomaly-map/detect';
import { mapOf } from '../anomaly-map/detection';
import type { Judge, TensorFlowDetector } from '../anomaly-map/detect';
import { countedPixels } from '../data/image';
import type { ImageStack } from '../data/image';
import { tf } from '../engine/index';
import { levelMeanSquaredError } from '../losses/pre-training';
import { autoEncodersShapes, reconstruct } from '../models/auto-encoder';
import type { AutoEncoderConfig, AutoEncoders } from '../models/auto-encoder';
import type { DetectorArrays, DetectorNetworks } from '../models/detector';
import { ParameterStore } from '../models/parameter-store';
import { LEVEL_NAMES, resnet18Shapes } from '../models/resnet18';
import type { FeaturePyramid } from '../models/resnet18';
import { detectorGraph } from '../onnx/detector-graph';
import type { GraphProto } from '../onnx/messages';
import { trainingConfigSchema } from '../training/config';
import type {
  BaselineConfig,
  JointConfig,
  PreTrainingConfig,
  TrainingConfig,
} from '../training/config';
import { weighted } from '../training/level-weights';
import { train } from '../training/train';
import type { TrainResult } from '../training/train';
import { createTrainee } from '../training/trainee';
import { DEFAULT_FEATURE_MEMORY, TrainingData } from '../training/training-data';
import { readSafetensors } from '../weights/safetensors';
import type { NamedArrays } from '../weights/named-arrays';
import type { AnomalyMethod, FitContext, Fitted, Learner, NormalImages, Stopped } from './method';

/** Student-teacher feature pyramid matching, the paper's baseline. */
export const STFPM: AnomalyMethod<BaselineConfig> = {
  name: 'stfpm',
  title: 'STFPM',
  paper:
    'G. Wang, S. Han, E. Ding, D. Huang: Student-Teacher Feature Pyramid Matching for Anomaly Detection, BMVC 2021',
  usesTeacher: true,
  hasMaps: true,
  canPad: true,
  schema: schemaOf<BaselineConfig>(),
  fit: fitStudent,
  open: openStudent,
  graph: studentGraph,
};

/** The paper's method: STFPM with auto-encoders behind the student's levels. */
export const STFPM_WITH_AUTO_ENCODERS: AnomalyMethod<JointConfig> = {
  name: 'joint',
  title: 'STFPM + AE',
  paper:
    'P. Mohammadrezaei, F. Farahmand, S. Collin: Enhanced Novelty Detection in Images Using Auto-Encoders and Teacher-Student Knowledge Transfer',
  usesTeacher: true,
  hasMaps: true,
  canPad: true,
  schema: schemaOf<JointConfig>(),
  fit: fitStudent,
  open: openStudent,
  graph: studentGraph,
};

/** The auto-encoders that joint training begins with (section 3). */
export const PRE_TRAINING: Learner<PreTrainingConfig> = {
  name: 'pre-training',
  title: 'pre-training of auto-encoders',
  paper: STFPM_WITH_AUTO_ENCODERS.paper,
  usesTeacher: true,
  schema: schemaOf<PreTrainingConfig>(),
  fit: fitStudent,
};

/** The recipes' common schema as that of one: a method's schema is only given settings of its recipe. */
function schemaOf<Config extends TrainingConfig>() {
  return trainingConfigSchema as unknown as z.ZodType<Config, z.ZodTypeDef, unknown>;
}

/** Trains by any of the three recipes, with the loop that resumes. */
async function fitStudent(
  { train: trainImages, heldOut }: NormalImages,
  config: TrainingConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  const { teacher, run, header, saveSeconds, signal } = context;
  /** What holds tensors; disposed of however this ends, the last first. */
  const made: { dispose(): void }[] = [];
  let memoryBytes = context.featureMemory ?? DEFAULT_FEATURE_MEMORY;
  const prepare = async (stack: ImageStack) => {
    const prepared = await TrainingData.prepare(stack, teacher, {
      features: config.recipe === 'pre-training' ? 'raw' : 'normalised',
      precision: config.featurePrecision,
      memoryBytes,
      folder: run.folder,
      signal,
      onProgress: (done, total) => context.onProgress?.('teacher', done, total),
    });
    made.push(prepared);
    memoryBytes -= prepared.memoryBytes;
    return prepared;
  };
  try {
    const data = await prepare(trainImages);
    const trainee = createTrainee(config, context.autoEncoders);
    made.push(trainee);
    const { recipe, student, autoEncoders } = trainee;
    const detector =
      student &&
      createTensorFlowDetector({ teacher, student, ...(autoEncoders && { autoEncoders }) }, config);
    const observed = detector ? [] : await observedTestFeatures(prepare, context);
    const result = await train(recipe, data, config, run, {
      signal,
      modelMetadata: header,
      saveSeconds,
      validate: detector && heldOut.count > 0 ? () => meanAnomaly(detector, heldOut) : undefined,
      measure: autoEncoders && !detector ? () => testErrors(autoEncoders, observed) : undefined,
      onStep: context.onStep,
      onEpoch: context.onEpoch,
    });
    if (result.status !== 'finished') return { ...result, status: 'interrupted' };
    const { arrays } = readSafetensors(run.file('model.safetensors'));
    const notes = isStudent(config) ? whyItEnded(result, config) : [];
    return { ...result, status: 'finished', model: arrays, ...(notes.length > 0 && { notes }) };
  } finally {
    for (const each of made.reverse()) each.dispose();
  }
}

/** A word on a training that ended before its time, or while the held-out images' maps were still getting fainter. */
function whyItEnded({ epochs, modelEpoch }: TrainResult, config: StudentConfig): string[] {
  const last = epochs.at(-1);
  if (epochs.length < 2 || last?.validation === undefined) return [];
  if (epochs.length < config.epochs) {
    return [
      `Ended after ${epochs.length} of ${config.epochs} epochs: the held-out images' maps have been no fainter ` +
        `since epoch ${modelEpoch}.`,
    ];
  }
  if (modelEpoch !== last.epoch) return [];
  return [
    "The held-out images' maps were still getting fainter in the last epoch: a longer training may find more.",
  ];
}

function openStudent(model: NamedArrays, config: StudentConfig, teacher: ParameterStore): Judge {
  const { student, autoEncoders } = studentNetworks(model, config);
  const networks = { teacher, student, ...(autoEncoders && { autoEncoders }) };
  return {
    judge: judgeByNetworks(networks, 'image'),
    dispose: () => {
      student.dispose();
      autoEncoders?.store.dispose();
    },
  };
}

/** Settings of a method with a student. */
export type StudentConfig = BaselineConfig | JointConfig;

export function isStudent(config: { recipe: string }): config is StudentConfig {
  return config.recipe === 'baseline' || config.recipe === 'joint';
}

/** Settings of a method that takes over a finished student, beside those that it must share with its run. */
export interface SettingsForStudent {
  epochs: 0;
  autoEncoder: AutoEncoderConfig | null;
}

export function settingsForStudent(config: { recipe: string }): SettingsForStudent {
  const isJoint = isStudent(config) && config.recipe === 'joint';
  return { epochs: 0, autoEncoder: isJoint ? config.autoEncoder : null };
}

/** What tells which networks a student consists of. */
export type StudentShape =
  Pick<BaselineConfig, 'recipe'> | Pick<JointConfig, 'recipe' | 'autoEncoder'>;

/** Every array of a model file by name, with its shape. */
export function studentShapes(config: StudentShape): Map<string, number[]> {
  const autoEncoders = config.recipe === 'joint' ? autoEncodersShapes(config.autoEncoder) : [];
  return new Map([...resnet18Shapes(), ...autoEncoders]);
}

/** The networks of a model file, as numbers outside the engine. */
export function studentArrays(
  model: NamedArrays,
  config: StudentShape,
): Omit<DetectorArrays, 'teacher'> {
  const part = (names: ReadonlyMap<string, unknown>): NamedArrays =>
    new Map([...model].filter(([name]) => names.has(name)));
  return {
    student: part(resnet18Shapes()),
    ...(config.recipe === 'joint' && {
      autoEncoders: {
        config: config.autoEncoder,
        arrays: part(autoEncodersShapes(config.autoEncoder)),
      },
    }),
  };
}

/** The networks of a model file, in the engine. */
export function studentNetworks(
  model: NamedArrays,
  config: StudentShape,
): Omit<DetectorNetworks, 'teacher'> {
  const { student, autoEncoders } = studentArrays(model, config);
  return {
    student: ParameterStore.fromArrays(student),
    ...(autoEncoders && {
      autoEncoders: {
        config: autoEncoders.config,
        store: ParameterStore.fromArrays(autoEncoders.arrays),
      },
    }),
  };
}

function studentGraph(
  model: NamedArrays,
  config: StudentConfig,
  teacher: NamedArrays,
  productResolution: ProductResolution,
): GraphProto {
  return detectorGraph({ teacher, ...studentArrays(model, config) }, productResolution);
}

/** The mean of an anomaly map over all pixels of all images that count: protocol B's measure, on normal images. */
async function meanAnomaly(detector: TensorFlowDetector, normal: ImageStack): Promise<number> {
  const detections = await detector.detect(normal);
  let sum = 0;
  detections.map(mapOf).forEach((map, i) => {
    let image = 0;
    for (const value of map) if (!Number.isNaN(value)) image += value;
    sum += image / countedPixels(normal, i);
  });
  return sum / detections.length;
}

/** Teacher features of test images of one kind, whose reconstruction is observed and selects nothing. */
interface TestFeatures {
  kind: 'normal' | 'defect';
  data: TrainingData;
}

async function observedTestFeatures(
  prepare: (stack: ImageStack) => Promise<TrainingData>,
  { testImages }: FitContext,
): Promise<TestFeatures[]> {
  const observed: TestFeatures[] = [];
  const kinds = [
    ['normal', 0],
    ['defect', 1],
  ] as const;
  for (const [kind, label] of kinds) {
    const stack = await testImages?.(label);
    if (stack) observed.push({ kind, data: await prepare(stack) });
  }
  return observed;
}

/** `normal1` to `defect3`: mean squared reconstruction errors of test features by level. */
async function testErrors(
  autoEncoders: AutoEncoders,
  observed: readonly TestFeatures[],
): Promise<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const { kind, data } of observed) {
    const errors = await reconstructionErrors(autoEncoders, data);
    errors.forEach((error, level) => (numbers[`${kind}${level + 1}`] = error));
  }
  return numbers;
}

const BATCH = 16;

/**
 * The mean squared reconstruction error of the auto-encoders by level, on the teacher's features as they are (not
 * normalised).
 */
async function reconstructionErrors(
  autoEncoders: AutoEncoders,
  data: TrainingData,
): Promise<number[]> {
  const sums = LEVEL_NAMES.map(() => 0);
  for (let start = 0; start < data.count; start += BATCH) {
    const count = Math.min(BATCH, data.count - start);
    const batch = data.batch(Array.from({ length: count }, (_, i) => start + i));
    tf.tidy(() => {
      const counted = (each: FeaturePyramid) =>
        batch.weights ? weighted(each, batch.weights) : each;
      const features = counted(batch.teacher);
      counted(reconstruct(autoEncoders, batch.teacher)).forEach((reconstruction, level) => {
        const error = levelMeanSquaredError(reconstruction, features[level]);
        sums[level] += error.dataSync<'float32'>()[0] * count;
      });
    });
    batch.dispose();
    await new Promise(setImmediate);
  }
  return sums.map((sum) => sum / data.count);
}
