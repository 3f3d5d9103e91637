import { createHash } from 'crypto';
import { initialiseResNet18 } from '../models/initialise';
import { resnet18Shapes } from '../models/resnet18-shapes';
import { Random } from '../random/random';
import { readFileBytes } from '../weights/read-file-bytes';
import { parseWeights } from '../weights/read-weights';
import { requireArrays } from '../weights/require-arrays';
import type { NamedArrays } from '../weights/tensor-file';
import type { RunConfig } from './run-config';

/**
 * The arrays of the teacher that a run was trained with, without loading the engine.
 *
 * @param file where its weights are now; default: where they were in training
 * @throws Error when the file is gone or holds other weights now
 */
export function readTeacher({ teacher }: RunConfig, file: string | undefined): NamedArrays {
  if (teacher.kind === 'random') {
    return initialiseResNet18(Random.fromSeed(teacher.seed ?? 0).fork('random teacher'));
  }
  const where = file ?? teacher.file;
  if (where === undefined)
    throw new Error(`No file is known for the teacher ${teacher.name}; name one.`);
  const bytes = readFileBytes(where);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== teacher.sha256) {
    throw new Error(
      `${where}: expected the weights that the run was trained with (SHA-256 ${teacher.sha256}), ` +
        `found ${sha256}.`,
    );
  }
  return requireArrays(where, parseWeights(bytes, where), resnet18Shapes());
}
