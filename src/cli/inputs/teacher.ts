import * as fs from 'fs';
import {
  describeTeacher,
  embeddedTeacher,
  loadTeacher,
  noTeacher,
  randomTeacher,
} from '../../lib/models/teacher';
import type { Teacher, TeacherSource } from '../../lib/models/teacher';
import type { MethodConfig } from '../../lib/methods/index';
import type { Learner } from '../../lib/methods/method';
import type { RunConfig } from '../../lib/runs/run-config';
import { locateTeacherWeights } from '../../lib/weights/teacher-file';
import { say } from '../terminal/say';

/** Every random teacher is this one, so that runs compare. */
const RANDOM_TEACHER_SEED = 0;

export interface TeacherChoice {
  /** --weights */
  weights?: string;
  /** --embedded-teacher */
  embedded?: boolean;
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
 * The teacher to learn from, none where the method uses none: the one named, else that of the run to go on with, else the one that
 * the environment or the cache has, else the embedded one.
 *
 * @throws WeightFileError when a file is named but cannot be used: it is never silently replaced
 */
export function chooseTeacher(
  choice: TeacherChoice,
  { usesTeacher }: Pick<Learner<MethodConfig>, 'usesTeacher'> = { usesTeacher: true },
): ChosenTeacher {
  if (!usesTeacher) return ofTeacher(noTeacher());
  return ofTeacher(openChoice(choice));
}

const ofTeacher = (teacher: Teacher): ChosenTeacher => ({
  teacher,
  description: describeTeacher(teacher.source),
});

/** Says which teacher a detector has, if it has one. */
export function sayTeacher(source: Pick<TeacherSource, 'kind' | 'name'>): void {
  if (source.kind !== 'none') say(`Teacher: ${describeTeacher(source)}`);
}

function openChoice({ weights, embedded, random, runTeacher }: TeacherChoice): Teacher {
  if (random) return randomTeacher(RANDOM_TEACHER_SEED);
  if (embedded) return embeddedTeacher();
  if (!weights && runTeacher?.kind === 'random') {
    return randomTeacher(runTeacher.seed ?? RANDOM_TEACHER_SEED);
  }
  if (!weights && runTeacher?.kind === 'embedded') return embeddedTeacher();
  const found = locateTeacherWeights({ file: weights });
  const file = weights ? found?.file : (existing(runTeacher?.file) ?? found?.file);
  return file === undefined ? embeddedTeacher() : loadTeacher(file);
}

function existing(file: string | undefined): string | undefined {
  return file !== undefined && fs.existsSync(file) ? file : undefined;
}

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
