import { isDeepStrictEqual } from 'util';
import type { Dataset } from '../data/sample';
import { sha256Of } from '../files/sha256';
import type { MethodConfig } from '../methods/index';
import { isStudent, settingsForStudent, studentShapes } from '../methods/student-teacher';
import type { SettingsForStudent, StudentConfig } from '../methods/student-teacher';
import type { TeacherSource } from '../models/teacher';
import { RunFolder } from '../training/run-folder';
import { requireArrays } from '../weights/named-arrays';
import type { NamedArrays } from '../weights/named-arrays';
import { readSafetensors } from '../weights/safetensors';
import { isOfImages } from './image-record';
import { inWords, learningSeconds, readRunConfig } from './run-config';
import type { RunConfig } from './run-config';

/*
 * Methods that join a student's maps with others can take over the student of a finished run of STFPM or of the paper's
 * model, in place of training one.
 */

/** The settings with which the student of a finished run is taken over. */
export function settingsForStudentOf(folder: string): SettingsForStudent {
  return settingsForStudent(studentConfig(new RunFolder(folder)).config);
}

/** A student, and the file that it is in. */
export interface StudentRun {
  model: NamedArrays;
  file: string;
  /** Of the whole file. */
  sha256: string;
  /** That its training took. */
  seconds: number;
}

/** Settings that say which images a student has seen, and as what. */
const SHARED = [
  'category',
  'imageSize',
  'fit',
  'tileOverlap',
  'maxTiles',
  'resizeFilter',
  'valueRange',
  'roi',
  'seed',
  'validationShare',
  'augmentedImages',
] as const;

/**
 * @param config of the method that takes the student over
 * @throws Error when the run is not finished, has no student, or one that saw other images, held-out ones or another
 *   teacher's features
 */
export function readStudentRun(
  folder: string,
  config: MethodConfig,
  dataset: Pick<Dataset, 'train' | 'heldOut'>,
  teacher: TeacherSource,
): StudentRun {
  const run = new RunFolder(folder);
  const { config: its, ...source } = studentConfig(run);
  const wanted: Partial<Record<string, unknown>> = config;
  const differences: string[] = SHARED.filter(
    (name) => !isDeepStrictEqual(its[name], wanted[name]),
  ).map((name) => `${name}: ${inWords(its[name])}, expected ${inWords(wanted[name])}`);
  if (its.protocol !== 'B') {
    differences.push('protocol: A, which holds no images out, expected B');
  }
  const { trainImages = null } = wanted;
  if (trainImages !== null) {
    differences.push(`trainImages: all, expected ${JSON.stringify(trainImages)}`);
  }
  const { autoEncoder } = settingsForStudent(its);
  if (!isDeepStrictEqual(autoEncoder, wanted.autoEncoder)) {
    const [found, expected] = [autoEncoder, wanted.autoEncoder].map((each) => JSON.stringify(each));
    differences.push(`auto-encoders: ${found}, expected ${expected}`);
  }
  if (source.teacher.sha256 !== teacher.sha256 || source.teacher.seed !== teacher.seed) {
    differences.push(`teacher: ${source.teacher.name}, expected ${teacher.name}`);
  }
  if (source.dataset.trainImages !== dataset.train.length) {
    const { trainImages } = source.dataset;
    differences.push(`train images: ${trainImages}, expected ${dataset.train.length}`);
  } else if (!isOfImages(run, dataset)) {
    differences.push('train images: of another content');
  }
  if (differences.length > 0) {
    throw new Error(
      `${run.folder}: its student was not trained for what is wanted.\n  ${differences.join('\n  ')}`,
    );
  }
  const file = run.file('model.safetensors');
  const model = requireArrays(file, readSafetensors(file).arrays, studentShapes(its));
  const sha256 = sha256Of(file);
  return { model, file, sha256, seconds: learningSeconds(run) };
}

function studentConfig(run: RunFolder): RunConfig & { config: StudentConfig } {
  const runConfig = readRunConfig(run);
  const { config } = runConfig;
  if (!isStudent(config)) {
    throw new Error(`${run.folder}: expected a run with a student, found one of ${config.recipe}.`);
  }
  if (!run.finished)
    throw new Error(`${run.folder}: expected a finished run, found one that is not.`);
  return { ...runConfig, config };
}
