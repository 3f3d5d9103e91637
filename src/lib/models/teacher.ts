import * as path from 'path';
import { createHash } from 'crypto';
import * as fs from 'fs';
import { Random } from '../random/random';
import { EMBEDDED_WEIGHTS } from '../weights/embedded-weights';
import { readWeights } from '../weights/read-weights';
import { requireArrays } from '../weights/require-arrays';
import { initialiseResNet18 } from './initialise';
import { ParameterStore } from './parameter-store';
import { resnet18Shapes } from './resnet18';

/** Where a teacher's weights come from; part of a run's record. */
export interface TeacherSource {
  /**
   * 'file': trained weights. 'embedded': those that come with the project, for machines without others. 'random': an
   * untrained trunk, to compare with.
   */
  kind: 'file' | 'embedded' | 'random';
  /** What it is called in reports. */
  name: string;
  /** Of the weight file: tells whether two runs had the same teacher. */
  sha256?: string;
  /** Where the weight file is; absent for the embedded one, which is part of the project. */
  file?: string;
  /** Of a random teacher. */
  seed?: number;
}

export interface Teacher {
  store: ParameterStore;
  source: TeacherSource;
}

/**
 * The teacher from a weight file: torchvision's `.pth`, or `.safetensors` with the same names. Names beyond the trunk
 * (layer4, fc, num_batches_tracked) are ignored.
 *
 * @throws an Error that names the file, and the array and shape expected and found
 */
export function loadTeacher(file: string): Teacher {
  const arrays = requireArrays(file, readWeights(file), resnet18Shapes());
  const sha256 = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  const absolute = path.resolve(file);
  return {
    store: ParameterStore.fromArrays(arrays),
    source:
      absolute === EMBEDDED_WEIGHTS
        ? { kind: 'embedded', name: 'embedded ResNet-18', sha256 }
        : { kind: 'file', name: path.basename(file), sha256, file: absolute },
  };
}

/** The teacher that comes with the project. */
export function embeddedTeacher(): Teacher {
  return loadTeacher(EMBEDDED_WEIGHTS);
}

/** An untrained teacher. The method works with it, far worse than with a trained one. */
export function randomTeacher(seed: number): Teacher {
  const random = Random.fromSeed(seed).fork('random teacher');
  return {
    store: ParameterStore.fromArrays(initialiseResNet18(random)),
    source: { kind: 'random', name: `random initialisation, seed ${seed}`, seed },
  };
}
