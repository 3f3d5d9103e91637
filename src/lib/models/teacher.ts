import { createHash } from 'crypto';
import * as path from 'path';
import { Random } from '../random/random';
import { readFileBytes, requireArrays } from '../weights/named-arrays';
import type { NamedArrays } from '../weights/named-arrays';
import { parseWeights } from '../weights/read-weights';
import { EMBEDDED_WEIGHTS, locateTeacherWeights } from '../weights/teacher-file';
import { ParameterStore } from './parameter-store';
import { initialiseResNet18, resnet18Shapes } from './resnet18';

/** Where a teacher's weights come from; part of a run's record. */
export interface TeacherSource {
  /**
   * 'file': trained weights. 'embedded': those that come with the project, for machines without others. 'random': an
   * untrained backbone, to compare with. 'none': of a method that uses no teacher.
   */
  kind: 'file' | 'embedded' | 'random' | 'none';
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

/** The teacher from a weight file. See `readTeacherFile` for what it may be, and for errors. */
export function loadTeacher(file: string): Teacher {
  return intoEngine(readTeacherFile(file));
}

/** The teacher that comes with the project. */
export function embeddedTeacher(): Teacher {
  return loadTeacher(EMBEDDED_WEIGHTS);
}

/** An untrained teacher. The method works with it, far worse than with a trained one. */
export function randomTeacher(seed: number): Teacher {
  return intoEngine(randomTeacherArrays(seed));
}

/** In place of a teacher, for methods that use none. */
export function noTeacher(): Teacher {
  return { store: new ParameterStore(), source: { kind: 'none', name: 'none' } };
}

function intoEngine({ arrays, source }: TeacherArrays): Teacher {
  return { store: ParameterStore.fromArrays(arrays), source };
}

/** A teacher as numbers outside the engine, which need not be loaded for them. */
export interface TeacherArrays {
  arrays: NamedArrays;
  source: TeacherSource;
}

/**
 * The backbone of a weight file: torchvision's `.pth`, or `.safetensors` with the same names. Names beyond the backbone
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

/** An untrained backbone, which depends on the seed alone. */
export function randomTeacherArrays(seed: number): TeacherArrays {
  return {
    arrays: initialiseResNet18(Random.fromSeed(seed).fork('random teacher')),
    source: { kind: 'random', name: `random initialisation, seed ${seed}`, seed },
  };
}

/** One line for reports: which teacher it is, and what that means for the numbers. */
export function describeTeacher({ kind, name }: Pick<TeacherSource, 'kind' | 'name'>): string {
  if (kind === 'random') return `${name}: untrained, so results say nothing about the method`;
  if (kind === 'embedded') {
    return (
      `${name}, distilled from the ImageNet one and a little weaker ` +
      '(`npx stfpm weights` gets the original)'
    );
  }
  return name;
}

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
