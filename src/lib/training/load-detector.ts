import { createTensorFlowDetector } from '../anomaly-map/detect';
import type { TensorFlowDetector } from '../anomaly-map/detect';
import { ParameterStore } from '../models/parameter-store';
import { readDetector } from './read-detector';
import type { ReadRun } from './read-detector';

export { requireDetectorRun } from './read-detector';
export type { DetectorRunConfig } from './read-detector';

export interface LoadedRun extends Omit<ReadRun, 'arrays' | 'threshold'> {
  /** With the size and the filter of the run's images, and the threshold that it ended with. */
  detector: TensorFlowDetector;
}

/**
 * The detector of a run, with the model that its protocol selected.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function loadDetector(folder: string, teacherFile?: string): LoadedRun {
  const { arrays, threshold, ...read } = readDetector(folder, teacherFile);
  const autoEncoders = arrays.autoEncoders && {
    config: arrays.autoEncoders.config,
    store: ParameterStore.fromArrays(arrays.autoEncoders.arrays),
  };
  const networks = {
    teacher: ParameterStore.fromArrays(arrays.teacher),
    student: ParameterStore.fromArrays(arrays.student),
    ...(autoEncoders && { autoEncoders }),
  };
  return {
    ...read,
    detector: createTensorFlowDetector(networks, { ...read.config.config, threshold }),
  };
}
