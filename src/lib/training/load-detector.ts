import type { Detector } from '../models/detector';
import { ParameterStore } from '../models/parameter-store';
import { readDetector } from './read-detector';
import type { ReadRun } from './read-detector';

export { requireDetectorRun } from './read-detector';
export type { DetectorRunConfig } from './read-detector';

export interface LoadedRun extends Omit<ReadRun, 'arrays'> {
  detector: Detector;
  dispose(): void;
}

/**
 * The detector of a run, with the model that its protocol selected.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function loadDetector(folder: string, teacherFile?: string): LoadedRun {
  const { arrays, ...read } = readDetector(folder, teacherFile);
  const teacher = ParameterStore.fromArrays(arrays.teacher);
  const student = ParameterStore.fromArrays(arrays.student);
  const autoEncoders = arrays.autoEncoders && {
    config: arrays.autoEncoders.config,
    store: ParameterStore.fromArrays(arrays.autoEncoders.arrays),
  };
  return {
    ...read,
    detector: { teacher, student, ...(autoEncoders && { autoEncoders }) },
    dispose: () => {
      teacher.dispose();
      student.dispose();
      autoEncoders?.store.dispose();
    },
  };
}
