import * as fs from 'fs';
import { loadTeacher, randomTeacher } from '../lib/models/teacher';
import type { Teacher } from '../lib/models/teacher';
import type { RunConfig } from '../lib/training/run-config';
import { locateTeacherWeights } from '../lib/weights/locate-teacher';

/** Every random teacher is this one, so that runs compare. */
const RANDOM_TEACHER_SEED = 0;

export interface TeacherChoice {
  /** --weights */
  weights?: string;
  /** --random-teacher */
  random?: boolean;
  /** The teacher of the run to go on with. */
  runTeacher?: RunConfig['teacher'];
}

export interface ChosenTeacher {
  teacher: Teacher;
  /** One line about it. */
  description: string;
}

/**
 * The teacher to learn from: the one named, else that of the run to go on with, else the one that
 * the environment or the cache has, else an untrained one.
 *
 * @throws WeightFileError when a file is named but cannot be used: it is never silently replaced
 */
export function chooseTeacher(choice: TeacherChoice): ChosenTeacher {
  const { weights, random, runTeacher } = choice;
  const untrained = (seed: number, description: string) => ({
    teacher: randomTeacher(seed),
    description,
  });
  if (random) return untrained(RANDOM_TEACHER_SEED, 'randomly initialised (--random-teacher)');
  if (!weights && runTeacher?.kind === 'random') {
    return untrained(runTeacher.seed ?? RANDOM_TEACHER_SEED, "randomly initialised (the run's)");
  }
  const found = locateTeacherWeights({ file: weights });
  const file = weights ? found?.file : (existing(runTeacher?.file) ?? found?.file);
  if (!file) {
    return untrained(
      RANDOM_TEACHER_SEED,
      'no trained weights were found, so it is randomly initialised and teaches far less ' +
        '(`stfpm weights` gets the ImageNet weights)',
    );
  }
  const teacher = loadTeacher(file);
  return { teacher, description: teacher.source.name };
}

function existing(file: string | undefined): string | undefined {
  return file !== undefined && fs.existsSync(file) ? file : undefined;
}
