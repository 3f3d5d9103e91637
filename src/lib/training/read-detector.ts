import { parseThreshold } from '../anomaly-map/threshold';
import type { OperatingThreshold } from '../anomaly-map/threshold';
import { autoEncodersShapes } from '../models/auto-encoder-shapes';
import type { DetectorArrays } from '../models/detector-arrays';
import { resnet18Shapes } from '../models/resnet18-shapes';
import { requireArrays } from '../weights/require-arrays';
import { readSafetensors } from '../weights/safetensors';
import type { DetectorConfig } from './config';
import { readTeacher } from './read-teacher';
import { readRunConfig } from './run-config';
import type { RunConfig } from './run-config';
import { RunFolder } from './run-folder';

/** The configuration of a run that has a detector. */
export type DetectorRunConfig = RunConfig & { config: DetectorConfig };

/** A run's detector as numbers outside the engine. */
export interface ReadRun {
  run: RunFolder;
  config: DetectorRunConfig;
  arrays: DetectorArrays;
  /** The epoch that the model comes from, counted from 1; null if its file does not say. */
  modelEpoch: number | null;
  /** An image whose score is above it is called defective; null for an unfinished run. */
  threshold: OperatingThreshold | null;
}

/** @throws Error when the run is a pre-training, which has no student */
export function requireDetectorRun(run: RunFolder): DetectorRunConfig {
  const runConfig = readRunConfig(run);
  const { config } = runConfig;
  if (config.recipe === 'pre-training') {
    throw new Error(
      `${run.folder}: expected a run with a detector, found a pre-training of auto-encoders. ` +
        'Joint training begins with it.',
    );
  }
  return { ...runConfig, config };
}

/**
 * The numbers of a run's detector, with the model that its protocol selected. Loads no engine.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function readDetector(folder: string, teacherFile?: string): ReadRun {
  const run = new RunFolder(folder);
  const config = requireDetectorRun(run);
  const file = run.file('model.safetensors');
  const { arrays, metadata } = readSafetensors(file);
  const student = requireArrays(file, arrays, resnet18Shapes());
  const { config: settings } = config;
  const autoEncoders = settings.recipe === 'joint' && {
    config: settings.autoEncoder,
    arrays: requireArrays(file, arrays, autoEncodersShapes(settings.autoEncoder)),
  };
  const teacher = readTeacher(config, teacherFile);
  return {
    run,
    config,
    arrays: { teacher, student, ...(autoEncoders && { autoEncoders }) },
    modelEpoch: metadata.epoch === undefined ? null : Number(metadata.epoch),
    threshold: parseThreshold(metadata.threshold),
  };
}
