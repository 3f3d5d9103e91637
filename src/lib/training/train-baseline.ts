import * as path from 'path';
import { detect } from '../anomaly-map/detect';
import { loadImages } from '../data/load-images';
import type { Dataset } from '../data/sample';
import { splitTrain } from '../data/split';
import { describeDevice, engineVersions } from '../engine/index';
import { initialiseResNet18 } from '../models/initialise';
import { ParameterStore } from '../models/parameter-store';
import type { Teacher } from '../models/teacher';
import { Random } from '../random/random';
import { BaselineRecipe } from './baseline';
import type { BaselineConfig } from './config';
import { claimRun } from './run-config';
import { RunFolder } from './run-folder';
import type { EpochRecord } from './run-folder';
import { lockRun } from './run-lock';
import { openTensorBoard } from './tensorboard';
import { train } from './train';
import type { StepEvent, TrainResult } from './train';
import { TrainingData } from './training-data';

export interface TrainBaselineOptions {
  signal?: AbortSignal;
  /** What is being prepared before the first step. */
  onPrepare?: (phase: 'images' | 'teacher', done: number, total: number) => void;
  onStep?: (event: StepEvent) => void;
  onEpoch?: (record: EpochRecord, records: readonly EpochRecord[]) => void;
}

/** The mean of an anomaly map over all pixels of all images: protocol B's measure, on normal images. */
async function meanAnomaly(...args: Parameters<typeof detect>): Promise<number> {
  const detections = await detect(...args);
  let sum = 0;
  for (const { map } of detections) {
    let image = 0;
    for (const value of map) image += value;
    sum += image / map.length;
  }
  return sum / detections.length;
}

/** What a run that needs no more training gave; null when there is something left to train. */
function finishedResult(run: RunFolder, epochs: number): TrainResult | null {
  if (!run.finished) return null;
  const records = run.readEpochs();
  if (records.length < epochs) return null;
  const { modelEpoch } = run.readJson('summary.json') as Pick<TrainResult, 'modelEpoch'>;
  return { status: 'finished', epochs: records, modelEpoch };
}

/**
 * Trains a baseline detector into a run folder, or goes on with the run that is there; a finished one is returned at
 * once. Only normal train images are looked at.
 *
 * @throws Error when the folder holds a run with other settings, or another process trains in it;
 *   TrainingDivergedError
 */
export async function trainBaseline(
  config: BaselineConfig,
  dataset: Dataset,
  teacher: Teacher,
  folder: string,
  options: TrainBaselineOptions = {},
): Promise<TrainResult> {
  const run = new RunFolder(path.resolve(folder));
  const unlock = lockRun(run.folder);
  try {
    claimRun(run, {
      config,
      dataset: { root: dataset.root, trainImages: dataset.train.length },
      teacher: teacher.source,
    });
    const done = finishedResult(run, config.epochs);
    if (done) return done;
    run.remove('summary.json');
    const size: [number, number] = [config.imageSize, config.imageSize];
    const split =
      config.protocol === 'B'
        ? splitTrain(dataset.train, { validationShare: config.validationShare, seed: config.seed })
        : { train: dataset.train, validation: [] };
    const load = (samples: Dataset['train']) =>
      loadImages(samples, {
        size,
        filter: config.resizeFilter,
        signal: options.signal,
        onProgress: (done, total) => options.onPrepare?.('images', done, total),
      });
    const heldOut = await load(split.validation);
    const data = await TrainingData.prepare(await load(split.train), teacher.store, {
      signal: options.signal,
      onProgress: (done, total) => options.onPrepare?.('teacher', done, total),
    });
    const random = Random.fromSeed(config.seed).fork('student');
    const student = ParameterStore.fromArrays(initialiseResNet18(random));
    const recipe = new BaselineRecipe(student, config);
    const board = openTensorBoard(run.file('tensorboard'));
    try {
      const result = await train(recipe, data, config, run, {
        signal: options.signal,
        modelMetadata: { format: 'pt', recipe: 'baseline', category: config.category },
        validate:
          heldOut.count > 0
            ? () => meanAnomaly({ teacher: teacher.store, student }, heldOut)
            : undefined,
        onStep: options.onStep,
        onEpoch: (record, records) => {
          board.write(record);
          options.onEpoch?.(record, records);
        },
      });
      if (result.status === 'finished') {
        run.writeJson('summary.json', {
          ...result,
          epochs: result.epochs.length,
          finalLoss: result.epochs[result.epochs.length - 1].loss,
          versions: engineVersions(),
          device: describeDevice(),
        });
      }
      return result;
    } finally {
      board.close();
      recipe.dispose();
      student.dispose();
      data.dispose();
    }
  } finally {
    unlock();
  }
}
