import * as fs from 'fs';
import * as path from 'path';
import { median } from 'simple-statistics';
import { z } from 'zod';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import { describeDevice, engineVersions } from '../../lib/engine/index';
import type { Device } from '../../lib/engine/index';
import type { EvaluationMetrics } from '../../lib/evaluation/evaluate-maps';
import { FileError } from '../../lib/files/file-error';
import { methodOf } from '../../lib/methods/index';
import type { DetectorConfig } from '../../lib/methods/index';
import { epochsOf, isComplete, learningSeconds } from '../../lib/runs/run-config';
import type { EpochRecord } from '../../lib/training/run-folder';
import { projectVersion } from '../project';
import type { EvaluatedRun } from './evaluate-run';
import { readJsonFile } from '../../lib/files/read-file';

/** What a finished run leaves for others to read: all that was set, and all that came of it, without any path. */
export interface ResultRecord {
  what: string;
  /** The experiment that it belongs to, if it was made as one: a preset's name. */
  preset?: string;
  config: DetectorConfig;
  dataset: {
    name: string;
    category: string;
    trainImages: number;
    testImages: { good: number; defect: number };
  };
  teacher: { kind: string; name: string; sha256?: string };
  /** Of joint training: SHA-256 of the pre-trained auto-encoders that it began with. */
  autoEncoders?: { sha256: string };
  metrics: Omit<EvaluationMetrics, 'aupimoByImage'>;
  /** An image whose score is above it is called defective; set from normal images. */
  threshold?: OperatingThreshold;
  /** The epoch that the model comes from. */
  modelEpoch: number | null;
  /** By epoch: mean over the images of the per-image loss, 6 digits; empty for a method without epochs. */
  loss: number[];
  /** Protocol B, by epoch: mean anomaly map over the held-out normal images, 6 digits. */
  validation?: number[];
  /** Joint training, by epoch, 6 digits: the recipe's further numbers. */
  joint?: Record<string, number[]>;
  /** Null of a method without epochs. */
  secondsPerEpoch: { median: number; total: number } | null;
  /** All that learning took; absent in older records. */
  seconds?: number;
  /** What evaluation took for an image, from pixels to map and score; absent in older records. */
  secondsPerImage?: number;
  /** Of the model file, without the teacher; absent in older records. */
  modelBytes?: number;
  /** The most memory that judging took, the engine included: see `Evaluation`. Absent where it was not measured alone. */
  peakMemoryBytes?: number;
  /** Of the training. */
  versions: { project: string; node: string; tfjs: string; tensorflow: string };
  device: Device;
}

function digits(value: number, count: number): number {
  return Number(value.toPrecision(count));
}

/** What the method is called in reports and figures. */
export function methodName(config: Pick<DetectorConfig, 'recipe'>): string {
  return methodOf(config).title;
}

/** What is run: the method, and the protocol where there are two. */
function inWords(config: DetectorConfig): string {
  if (!('protocol' in config)) return methodName(config);
  return config.recipe === 'baseline' ? 'STFPM baseline' : 'STFPM with auto-encoders';
}

/** What has to be said of training on few images, or on copies of them; empty for others. */
function fewShot(config: DetectorConfig, trainImages: number): string {
  const few = 'trainImages' in config ? config.trainImages : null;
  if (config.augmentedImages > 0) {
    const copies = `${config.augmentedImages} augmented copies of ${few ?? trainImages} images`;
    return `few-shot (${copies}), `;
  }
  return few === null ? '' : `few-shot (${few} of ${trainImages} images), `;
}

const NOT_JOINT = ['epoch', 'loss', 'seconds', 'validation'];

function jointNumbers(epochs: readonly EpochRecord[]): Record<string, number[]> {
  const names = Object.keys(epochs[0]).filter((name) => !NOT_JOINT.includes(name));
  return Object.fromEntries(
    names.map((name) => [name, epochs.map((record) => digits(record[name] ?? NaN, 6))]),
  );
}

/**
 * @param more what the run itself does not say
 * @throws Error when the run is not finished
 */
export function resultRecord(
  evaluated: EvaluatedRun,
  { preset, peakMemoryBytes }: Pick<ResultRecord, 'preset' | 'peakMemoryBytes'> = {},
): ResultRecord {
  const {
    run,
    config: runConfig,
    modelEpoch,
    threshold,
    dataset,
    datasetName,
    evaluation,
  } = evaluated;
  const { config, teacher } = runConfig;
  const epochs = run.readEpochs();
  if (!isComplete(run, config)) {
    const found =
      epochsOf(config) > 0 ? `${epochs.length} of ${epochsOf(config)} epochs` : 'an unfinished one';
    throw new Error(
      `${run.folder}: expected a finished run for a result, found ${found}. ` +
        `\`stfpm train --out ${run.folder}\` goes on with it.`,
    );
  }
  const summary = run.readJson('summary.json') as {
    versions?: Partial<ReturnType<typeof engineVersions>>;
    device?: Device;
  };
  const { aupimoByImage: _, ...metrics } = evaluation.metrics;
  const { scores: _scores, peaks: _peaks, ...thresholdAlone } = threshold ?? {};
  const defectImages = metrics.counts.defectImages;
  const seconds = epochs.map((epoch) => epoch.seconds);
  const validation = epochs.flatMap((epoch) => epoch.validation ?? []);
  return {
    what:
      `${inWords(config)} on ${dataset.category} (${datasetName}), ` +
      `${fewShot(config, runConfig.dataset.trainImages)}` +
      `${'protocol' in config ? `protocol ${config.protocol}, ` : ''}seed ${config.seed}` +
      ('precision' in config && config.precision === 'bfloat16' ? ', bfloat16' : ''),
    ...(preset !== undefined && { preset }),
    config,
    dataset: {
      name: datasetName,
      category: dataset.category,
      trainImages: runConfig.dataset.trainImages,
      testImages: { good: metrics.counts.images - defectImages, defect: defectImages },
    },
    teacher: {
      kind: teacher.kind,
      name: teacher.name,
      ...(teacher.sha256 === undefined ? {} : { sha256: teacher.sha256 }),
    },
    ...(runConfig.autoEncoders && { autoEncoders: { sha256: runConfig.autoEncoders.sha256 } }),
    metrics,
    ...(threshold && { threshold: thresholdAlone as OperatingThreshold }),
    modelEpoch,
    loss: epochs.map(({ loss }) => digits(loss, 6)),
    ...(validation.length > 0 ? { validation: validation.map((value) => digits(value, 6)) } : {}),
    ...(config.recipe === 'joint' && { joint: jointNumbers(epochs) }),
    secondsPerEpoch:
      seconds.length > 0
        ? {
            median: digits(median(seconds), 4),
            total: Math.round(seconds.reduce((sum, value) => sum + value, 0)),
          }
        : null,
    seconds: digits(learningSeconds(run), 4),
    secondsPerImage: digits(evaluation.secondsPerImage, 3),
    modelBytes: fs.statSync(run.file('model.safetensors')).size,
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
    versions: { project: projectVersion(), ...engineVersions(), ...summary.versions },
    // Runs of earlier versions do not say; they are evaluated where they were trained.
    device: summary.device ?? describeDevice(),
  };
}

/**
 * All records of finished runs in a folder, by name.
 *
 * @throws FileError naming the folder that is missing, or a file that is not such a record
 */
export function readResults(folder: string): ResultRecord[] {
  if (!fs.existsSync(folder)) throw new FileError(folder, 'a folder of results', 'none');
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readResult(path.join(folder, name)));
}

const metricGroup = z.record(z.number().finite().nullable());
const metricsSchema = z
  .object({
    image: metricGroup,
    pixel: metricGroup,
    defects: z.record(metricGroup),
    counts: z.record(z.number().int().nonnegative()),
  })
  .partial();

/** What tables and charts take from a record as numbers. */
const numbersSchema = z.object({
  metrics: metricsSchema,
  loss: z.array(z.number().finite()),
  validation: z.array(z.number().finite()).optional(),
  joint: z.record(z.array(z.number().finite().nullable())).optional(),
  seconds: z.number().finite().nonnegative().optional(),
  secondsPerImage: z.number().finite().nonnegative().optional(),
  modelBytes: z.number().int().nonnegative().optional(),
  peakMemoryBytes: z.number().int().nonnegative().optional(),
});

/** @throws FileError when it is not the record of a finished run */
export function readResult(file: string): ResultRecord {
  const expected = 'the record of a finished run (`stfpm evaluate --result`)';
  const record = readJsonFile(file, expected) as Partial<ResultRecord> | null;
  if (!record?.config || !record.metrics || !Array.isArray(record.loss)) {
    throw new FileError(file, expected, 'other JSON');
  }
  const { error } = numbersSchema.safeParse(record);
  if (error) {
    const [{ path: at, message }] = error.issues;
    throw new FileError(file, 'numbers, or null, for metrics', `${at.join('.')}: ${message}`);
  }
  // Records from before there were other recipes and augmentation do not say.
  const config = { ...{ recipe: 'baseline' as const, augmentedImages: 0 }, ...record.config };
  return { ...record, config } as ResultRecord;
}
