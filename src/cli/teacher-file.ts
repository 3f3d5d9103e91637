import * as fs from 'fs';
import type { RunConfig } from '../lib/training/run-config';
import { locateTeacherWeights } from '../lib/weights/teacher-file';

/**
 * Where a run's teacher is, as `loadDetector` takes it: undefined for where it was in training.
 *
 * @param weights the file that the command line names, if it does
 */
export function teacherFile({ teacher }: RunConfig, weights?: string): string | undefined {
  if (weights || teacher.kind !== 'file') return weights;
  if (teacher.file !== undefined && fs.existsSync(teacher.file)) return undefined;
  return locateTeacherWeights()?.file;
}
