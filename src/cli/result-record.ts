import { median } from 'simple-statistics';
import { describeDevice, engineVersions } from '../lib/engine/index';
import type { Device } from '../lib/engine/index';
import type { BaselineConfig } from '../lib/training/config';
import type { EvaluatedRun } from './evaluate-run';
import { projectVersion } from './project';

/** What a finished run leaves for others to read: all that was set, and all that came of it, without any path. */
export interface ResultRecord {
  what: string;
  config: BaselineConfig;
  dataset: {
    name: string;
    category: string;
    trainImages: number;
    testImages: { good: number; defect: number };
  };
  teacher: { kind: string; name: string; sha256?: string };
  metrics: object;
  /** The epoch that the model is of. */
  modelEpoch: number | null;
  /** By epoch: mean over the images of the per-image loss, 6 digits. */
  loss: number[];
  /** Protocol B, by epoch: mean anomaly map over the held-out normal images, 6 digits. */
  validation?: number[];
  secondsPerEpoch: { median: number; total: number };
  /** Of the training. */
  versions: { project: string; node: string; tfjs: string; tensorflow: string };
  device: Device;
}

function digits(value: number, count: number): number {
  return Number(value.toPrecision(count));
}

/** @throws Error when the run is not finished */
export function resultRecord(evaluated: EvaluatedRun): ResultRecord {
  const { run, config: runConfig, modelEpoch, dataset, datasetName, evaluation } = evaluated;
  const { config, teacher } = runConfig;
  const epochs = run.readEpochs();
  if (!run.finished || epochs.length < config.epochs) {
    throw new Error(
      `${run.folder}: expected a finished run for a result, found ${epochs.length} of ` +
        `${config.epochs} epochs. \`stfpm train --out ${run.folder}\` goes on with it.`,
    );
  }
  const summary = run.readJson('summary.json') as {
    versions?: Partial<ReturnType<typeof engineVersions>>;
    device?: Device;
  };
  const { aupimoByImage: _, ...metrics } = evaluation.metrics;
  const defectImages = metrics.counts.defectImages;
  const seconds = epochs.map((epoch) => epoch.seconds);
  const validation = epochs.flatMap((epoch) => epoch.validation ?? []);
  return {
    what:
      `STFPM baseline on ${dataset.category} (${datasetName}), protocol ${config.protocol}, ` +
      `seed ${config.seed}`,
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
    metrics,
    modelEpoch,
    loss: epochs.map(({ loss }) => digits(loss, 6)),
    ...(validation.length > 0 ? { validation: validation.map((value) => digits(value, 6)) } : {}),
    secondsPerEpoch: {
      median: digits(median(seconds), 4),
      total: Math.round(seconds.reduce((sum, value) => sum + value, 0)),
    },
    versions: { project: projectVersion(), ...engineVersions(), ...summary.versions },
    // Runs of earlier versions do not say; they are evaluated where they were trained.
    device: summary.device ?? describeDevice(),
  };
}
