import { locateTeacherWeights } from '../weights/teacher-file';
import { embeddedTeacher, loadTeacher } from './teacher';
import type { Teacher } from './teacher';

export interface OpenTeacherOptions {
  /** A weight file. Default: RESNET18_WEIGHTS of the environment, else a downloaded file in the cache. */
  file?: string;
}

/**
 * The teacher to learn from: ImageNet weights where there are any, otherwise the embedded teacher.
 * `source` says which; every report repeats it.
 *
 * @throws WeightFileError when a file is named but cannot be used: it is never silently replaced
 */
export function openTeacher(options: OpenTeacherOptions = {}): Teacher {
  const weights = locateTeacherWeights({ file: options.file });
  return weights ? loadTeacher(weights.file) : embeddedTeacher();
}
