import type { Detector } from '../models/detector';
import { ParameterStore } from '../models/parameter-store';
import { resnet18Shapes } from '../models/resnet18';
import { loadTeacher, randomTeacher } from '../models/teacher';
import type { Teacher } from '../models/teacher';
import { requireArrays } from '../weights/require-arrays';
import { readSafetensors } from '../weights/safetensors';
import { readRunConfig } from './run-config';
import type { RunConfig } from './run-config';
import { RunFolder } from './run-folder';

export interface LoadedRun {
  run: RunFolder;
  config: RunConfig;
  detector: Detector;
  /** The epoch that the model is of, counted from 1; null if its file does not say. */
  modelEpoch: number | null;
  dispose(): void;
}

/** The teacher that a run was trained with. Throws when its file is gone or holds other weights now. */
function teacherOf({ teacher }: RunConfig, file: string | undefined): Teacher {
  if (teacher.kind === 'random') return randomTeacher(teacher.seed ?? 0);
  const where = file ?? teacher.file;
  if (where === undefined)
    throw new Error(`No file is known for the teacher ${teacher.name}; name one.`);
  const loaded = loadTeacher(where);
  if (loaded.source.sha256 !== teacher.sha256) {
    throw new Error(
      `${where}: expected the weights that the run was trained with (SHA-256 ${teacher.sha256}), ` +
        `found ${loaded.source.sha256}.`,
    );
  }
  return loaded;
}

/**
 * The detector of a run, with the model that its protocol selected.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function loadDetector(folder: string, teacherFile?: string): LoadedRun {
  const run = new RunFolder(folder);
  const config = readRunConfig(run);
  const file = run.file('model.safetensors');
  const { arrays, metadata } = readSafetensors(file);
  const student = ParameterStore.fromArrays(requireArrays(file, arrays, resnet18Shapes()));
  const teacher = teacherOf(config, teacherFile).store;
  return {
    run,
    config,
    detector: { teacher, student },
    modelEpoch: metadata.epoch === undefined ? null : Number(metadata.epoch),
    dispose: () => {
      teacher.dispose();
      student.dispose();
    },
  };
}
