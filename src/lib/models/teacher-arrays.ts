import { createHash } from 'crypto';
import * as path from 'path';
import { Random } from '../random/random';
import { EMBEDDED_WEIGHTS } from '../weights/teacher-file';
import { readFileBytes } from '../weights/read-file-bytes';
import { parseWeights } from '../weights/read-weights';
import { requireArrays } from '../weights/require-arrays';
import type { NamedArrays } from '../weights/tensor-file';
import { initialiseResNet18 } from './initialise';
import { resnet18Shapes } from './resnet18-shapes';
import type { TeacherSource } from './teacher';

/** A teacher as numbers outside the engine, which need not be loaded for them. */
export interface TeacherArrays {
  arrays: NamedArrays;
  source: TeacherSource;
}

/**
 * The trunk of a weight file: torchvision's `.pth`, or `.safetensors` with the same names. Names beyond the trunk
 * (layer4, fc, num_batches_tracked) are ignored.
 *
 * @throws an Error that names the file, and the array and shape expected and found
 */
export function readTeacherFile(file: string): TeacherArrays {
  const bytes = readFileBytes(file);
  const arrays = requireArrays(file, parseWeights(bytes, file), resnet18Shapes());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const absolute = path.resolve(file);
  if (absolute === EMBEDDED_WEIGHTS) {
    return { arrays, source: { kind: 'embedded', name: 'embedded ResNet-18', sha256 } };
  }
  return { arrays, source: { kind: 'file', name: path.basename(file), sha256, file: absolute } };
}

/** An untrained trunk, which depends on the seed alone. */
export function randomTeacherArrays(seed: number): TeacherArrays {
  return {
    arrays: initialiseResNet18(Random.fromSeed(seed).fork('random teacher')),
    source: { kind: 'random', name: `random initialisation, seed ${seed}`, seed },
  };
}
