import * as path from 'path';
import { createTensorFlowDetector } from '../anomaly-map/detect';
import type { TensorFlowDetector } from '../anomaly-map/detect';
import { loadAugmented } from '../data/augment';
import { loadImages } from '../data/image';
import type { ImageStack } from '../data/image';
import type { Dataset, Sample } from '../data/sample';
import { splitTrain } from '../data/split';
import { describeDevice, engineVersions, openEventWriter, tf } from '../engine/index';
import { levelMeanSquaredError } from '../losses/pre-training';
import { reconstruct } from '../models/auto-encoder';
import type { AutoEncoders } from '../models/auto-encoder';
import { LEVEL_NAMES } from '../models/resnet18';
import type { Teacher } from '../models/teacher';
import { readSafetensors } from '../weights/safetensors';
import type { TrainingConfig } from './config';
import { readAutoEncoders } from './load-detector';
import type { AutoEncoderFile } from './load-detector';
import { operatingThreshold } from './operating-threshold';
import { claimRun, RunFolder } from './run-folder';
import type { EpochRecord } from './run-folder';
import { train } from './train';
import type { StepEvent, TrainResult } from './train';
import { createTrainee } from './trainee';
import { DEFAULT_FEATURE_MEMORY, TrainingData } from './training-data';

export interface TrainDetectorOptions {
  /** Joint training from pre-trained auto-encoders: the model file of a pre-training run. */
  autoEncoderFile?: string;
  /**
   * Bytes of memory that the teacher's features may take, all of them together; beyond it they lie in the run folder and
   * are read batch by batch. This changes no number of the run. Default 2 GiB.
   */
  featureMemory?: number;
  /** As in `train`: seconds of training that a killed process may lose. Default 30. */
  saveSeconds?: number;
  signal?: AbortSignal;
  /** What is being prepared before the first step. */
  onPrepare?: (phase: 'images' | 'teacher', done: number, total: number) => void;
  onStep?: (event: StepEvent) => void;
  onEpoch?: (record: EpochRecord, records: readonly EpochRecord[]) => void;
}

/** The mean of an anomaly map over all pixels of all images: protocol B's measure, on normal images. */
async function meanAnomaly(detector: TensorFlowDetector, normal: ImageStack): Promise<number> {
  const detections = await detector.detect(normal);
  let sum = 0;
  for (const { map } of detections) {
    let image = 0;
    for (const value of map) image += value;
    sum += image / map.length;
  }
  return sum / detections.length;
}

/** The result of a run that needs no more training; null when there is something left to train. */
function finishedResult(run: RunFolder, epochs: number): TrainResult | null {
  if (!run.finished) return null;
  const records = run.readEpochs();
  if (records.length < epochs) return null;
  const { modelEpoch } = run.readJson('summary.json') as Pick<TrainResult, 'modelEpoch'>;
  return { status: 'finished', epochs: records, modelEpoch };
}

/** The pre-trained auto-encoders that a configuration asks for. */
function startingAutoEncoders(config: TrainingConfig, file?: string): AutoEncoderFile | null {
  const isNeeded = config.recipe === 'joint' && config.mode !== 'raw';
  if (!isNeeded) {
    if (file === undefined) return null;
    throw new Error(`${file}: this training does not begin with pre-trained auto-encoders.`);
  }
  if (file === undefined) {
    throw new Error(
      `Joint training in mode "${config.mode}" needs pre-trained auto-encoders: name the model of a ` +
        'pre-training run, or choose mode "raw".',
    );
  }
  return readAutoEncoders(file, config.autoEncoder);
}

/**
 * Trains by any recipe into a run folder, or goes on with the run that is there; a finished one is returned at once.
 * Only normal train images are learnt from, and only they choose epoch and threshold. Pre-training also reads the test
 * images: after each epoch it records how well the auto-encoders reconstruct their features. That is for the reader of
 * the record alone; no weight, no epoch and no setting is chosen by it.
 *
 * @throws Error when the folder holds a run with other settings or more epochs, another process trains in it, or it is
 *   deleted in the meantime; the signal's reason when that comes before the first step; TrainingDivergedError
 */
export async function trainDetector(
  config: TrainingConfig,
  dataset: Dataset,
  teacher: Teacher,
  folder: string,
  options: TrainDetectorOptions = {},
): Promise<TrainResult> {
  const run = new RunFolder(path.resolve(folder));
  const { signal } = options;
  const start = startingAutoEncoders(config, options.autoEncoderFile);
  const unlock = run.lock();
  /** What holds tensors or open files; disposed of however this ends, the last first. */
  const made: { dispose(): void }[] = [];
  try {
    claimRun(run, {
      config,
      dataset: { root: dataset.root, trainImages: dataset.train.length },
      teacher: teacher.source,
      ...(start && {
        autoEncoders: { file: path.resolve(options.autoEncoderFile!), sha256: start.sha256 },
      }),
    });
    const done = finishedResult(run, config.epochs);
    if (done) return done;
    run.remove('summary.json');

    const images = await loadTrainImages(config, dataset, options);
    let memoryBytes = options.featureMemory ?? DEFAULT_FEATURE_MEMORY;
    const prepare = async (stack: ImageStack) => {
      const prepared = await TrainingData.prepare(stack, teacher.store, {
        features: config.recipe === 'pre-training' ? 'raw' : 'normalised',
        memoryBytes,
        folder: run.folder,
        signal,
        onProgress: (done, total) => options.onPrepare?.('teacher', done, total),
      });
      made.push(prepared);
      memoryBytes -= prepared.memoryBytes;
      return prepared;
    };
    const data = await prepare(images.train);
    const trainee = createTrainee(config, start?.arrays);
    made.push(trainee);
    const { recipe, student, autoEncoders } = trainee;
    const detector =
      student &&
      createTensorFlowDetector(
        { teacher: teacher.store, student, ...(autoEncoders && { autoEncoders }) },
        config,
      );
    const observed = detector ? [] : await observedTestFeatures(config, dataset, prepare, options);
    const board = openTensorBoard(run.file('tensorboard'));
    made.push({ dispose: () => board.close() });
    const header = {
      format: 'pt',
      recipe: config.recipe,
      category: config.category,
      config: JSON.stringify(config),
    };
    const result = await train(recipe, data, config, run, {
      signal,
      modelMetadata: header,
      saveSeconds: options.saveSeconds,
      validate:
        detector && images.heldOut.count > 0
          ? () => meanAnomaly(detector, images.heldOut)
          : undefined,
      measure: autoEncoders && !detector ? () => testErrors(autoEncoders, observed) : undefined,
      onStep: options.onStep,
      onEpoch: (record, records) => {
        board.write(record);
        options.onEpoch?.(record, records);
      },
    });
    if (result.status !== 'finished') return result;
    if (detector) {
      const { arrays, metadata } = readSafetensors(run.file('model.safetensors'));
      trainee.assign(arrays);
      const threshold = await (images.heldOut.count > 0
        ? operatingThreshold(detector, images.heldOut, 'held-out', { signal })
        : operatingThreshold(detector, await images.original(), 'train', { signal }));
      run.saveModel(arrays, { ...metadata, threshold: JSON.stringify(threshold) });
    }
    run.writeJson('summary.json', {
      ...result,
      epochs: result.epochs.length,
      finalLoss: result.epochs[result.epochs.length - 1].loss,
      versions: engineVersions(),
      device: describeDevice(),
    });
    return result;
  } finally {
    try {
      for (const each of made.reverse()) each.dispose();
    } finally {
      unlock();
    }
  }
}

function imageLoader(config: TrainingConfig, { signal, onPrepare }: TrainDetectorOptions) {
  return {
    size: { height: config.imageSize, width: config.imageSize },
    filter: config.resizeFilter,
    signal,
    onProgress: (done: number, total: number) => onPrepare?.('images', done, total),
  };
}

interface TrainImages {
  /** What is trained on: the train images, or augmented copies of them. */
  train: ImageStack;
  /** Protocol B: normal images that are not trained on. */
  heldOut: ImageStack;
  /** The train images as the detector will see images later: resized, and not otherwise changed. */
  original(): Promise<ImageStack>;
}

async function loadTrainImages(
  config: TrainingConfig,
  dataset: Dataset,
  options: TrainDetectorOptions,
): Promise<TrainImages> {
  const loader = imageLoader(config, options);
  const { seed, augmentedImages } = config;
  const split =
    config.recipe !== 'pre-training' && config.protocol === 'B'
      ? splitTrain(dataset.train, { validationShare: config.validationShare, seed })
      : { train: dataset.train, validation: [] };
  const heldOut = await loadImages(split.validation, loader);
  const train =
    augmentedImages > 0
      ? await loadAugmented(split.train, augmentedImages, seed, loader)
      : await loadImages(split.train, loader);
  return {
    train,
    heldOut,
    original: async () =>
      augmentedImages > 0 ? loadImages(split.train, { ...loader, onProgress: undefined }) : train,
  };
}

/** Teacher features of test images of one kind, whose reconstruction is observed and selects nothing. */
interface TestFeatures {
  kind: 'normal' | 'defect';
  data: TrainingData;
}

async function observedTestFeatures(
  config: TrainingConfig,
  dataset: Dataset,
  prepare: (stack: ImageStack) => Promise<TrainingData>,
  options: TrainDetectorOptions,
): Promise<TestFeatures[]> {
  const observed: TestFeatures[] = [];
  const kinds: [TestFeatures['kind'], Sample['label']][] = [
    ['normal', 0],
    ['defect', 1],
  ];
  for (const [kind, label] of kinds) {
    const samples = dataset.test.filter((sample) => sample.label === label);
    if (samples.length === 0) continue;
    const stack = await loadImages(samples, imageLoader(config, options));
    observed.push({ kind, data: await prepare(stack) });
  }
  return observed;
}

/** `normal1` to `defect3`: mean squared reconstruction errors of test features by level. */
async function testErrors(
  autoEncoders: Parameters<typeof reconstructionErrors>[0],
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
      reconstruct(autoEncoders, batch.teacher).forEach((reconstruction, level) => {
        const error = levelMeanSquaredError(reconstruction, batch.teacher[level]);
        sums[level] += error.dataSync<'float32'>()[0] * count;
      });
    });
    batch.dispose();
    await new Promise(setImmediate);
  }
  return sums.map((sum) => sum / data.count);
}

/** Event files for TensorBoard: each number of an epoch's record as a scalar over epochs. */
function openTensorBoard(folder: string): {
  write(record: EpochRecord): void;
  close(): void;
} {
  const writer = openEventWriter(folder);
  return {
    write: ({ epoch, ...numbers }) => {
      for (const [name, value] of Object.entries(numbers)) {
        if (value !== undefined) writer.scalar(name, value, epoch);
      }
      writer.flush();
    },
    close: () => writer.close(),
  };
}
