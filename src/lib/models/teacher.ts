import { EMBEDDED_WEIGHTS } from '../weights/teacher-file';
import { ParameterStore } from './parameter-store';
import { randomTeacherArrays, readTeacherFile } from './teacher-arrays';
import type { TeacherArrays } from './teacher-arrays';

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

function intoEngine({ arrays, source }: TeacherArrays): Teacher {
  return { store: ParameterStore.fromArrays(arrays), source };
}
