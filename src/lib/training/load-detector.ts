import { autoEncodersShapes } from '../models/auto-encoders';
import type { Detector } from '../models/detector';
import { ParameterStore } from '../models/parameter-store';
import { resnet18Shapes } from '../models/resnet18';
import { embeddedTeacher, loadTeacher, randomTeacher } from '../models/teacher';
import type { Teacher } from '../models/teacher';
import { EMBEDDED_WEIGHTS } from '../weights/embedded-weights';
import { requireArrays } from '../weights/require-arrays';
import { readSafetensors } from '../weights/safetensors';
import type { DetectorConfig } from './config';
import { parseThreshold } from './operating-threshold';
import type { OperatingThreshold } from './operating-threshold';
import { readRunConfig } from './run-config';
import type { RunConfig } from './run-config';
import { RunFolder } from './run-folder';

/** The configuration of a run that has a detector. */
export type DetectorRunConfig = RunConfig & { config: DetectorConfig };

export interface LoadedRun {
  run: RunFolder;
  config: DetectorRunConfig;
  detector: Detector;
  /** The epoch that the model is of, counted from 1; null if its file does not say. */
  modelEpoch: number | null;
  /** From which image score on an image is called defective; null for an unfinished run. */
  threshold: OperatingThreshold | null;
  dispose(): void;
}

/** The teacher that a run was trained with. Throws when its file is gone or holds other weights now. */
function teacherOf({ teacher }: RunConfig, file: string | undefined): Teacher {
  if (teacher.kind === 'random') return randomTeacher(teacher.seed ?? 0);
  const where = file ?? teacher.file;
  if (where === undefined && teacher.kind !== 'embedded')
    throw new Error(`No file is known for the teacher ${teacher.name}; name one.`);
  const loaded = where === undefined ? embeddedTeacher() : loadTeacher(where);
  if (loaded.source.sha256 !== teacher.sha256) {
    loaded.store.dispose();
    throw new Error(
      `${where ?? EMBEDDED_WEIGHTS}: expected the weights that the run was trained with (SHA-256 ${teacher.sha256}), ` +
        `found ${loaded.source.sha256}.`,
    );
  }
  return loaded;
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
 * The detector of a run, with the model that its protocol selected.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function loadDetector(folder: string, teacherFile?: string): LoadedRun {
  const run = new RunFolder(folder);
  const config = requireDetectorRun(run);
  const file = run.file('model.safetensors');
  const { arrays, metadata } = readSafetensors(file);
  const storeOf = (shapes: Map<string, number[]>) =>
    ParameterStore.fromArrays(requireArrays(file, arrays, shapes));
  const student = storeOf(resnet18Shapes());
  const autoEncoders =
    config.config.recipe === 'joint'
      ? {
          config: config.config.autoEncoder,
          store: storeOf(autoEncodersShapes(config.config.autoEncoder)),
        }
      : undefined;
  const teacher = teacherOf(config, teacherFile).store;
  return {
    run,
    config,
    detector: { teacher, student, ...(autoEncoders && { autoEncoders }) },
    modelEpoch: metadata.epoch === undefined ? null : Number(metadata.epoch),
    threshold: parseThreshold(metadata.threshold),
    dispose: () => {
      teacher.dispose();
      student.dispose();
      autoEncoders?.store.dispose();
    },
  };
}
