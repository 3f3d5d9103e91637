import { locateTeacherWeights } from '../weights/locate-teacher';
import { loadTeacher, randomTeacher } from './teacher';
import type { Teacher } from './teacher';

export interface OpenTeacherOptions {
  /** A weight file. Default: RESNET18_WEIGHTS of the environment, else a downloaded file in the cache. */
  file?: string;
  /** Seed of the random teacher that stands in where there are no weights. Default 0. */
  seed?: number;
}

/**
 * The teacher to learn from: trained weights where there are any, otherwise a randomly initialised trunk.
 * `source` says which; every report repeats it.
 *
 * @throws WeightFileError when a file is named but cannot be used: it is never silently replaced
 */
export function openTeacher(options: OpenTeacherOptions = {}): Teacher {
  const weights = locateTeacherWeights({ file: options.file });
  return weights ? loadTeacher(weights.file) : randomTeacher(options.seed ?? 0);
}
