import * as path from 'path';
import { isDeepStrictEqual } from 'util';
import { createDetector, createTensorFlowDetector } from '../anomaly-map/detect';
import type { AnomalyDetector, TensorFlowDetector } from '../anomaly-map/detect';
import { parseThreshold } from '../anomaly-map/threshold';
import type { OperatingThreshold } from '../anomaly-map/threshold';
import { sha256Of } from '../files/sha256';
import { methodOf } from '../methods/index';
import type { DetectorConfig } from '../methods/index';
import { isStudent, studentNetworks, studentShapes } from '../methods/student-teacher';
import type { StudentConfig } from '../methods/student-teacher';
import { autoEncodersShapes } from '../models/auto-encoder';
import type { AutoEncoderConfig } from '../models/auto-encoder';
import { sizeInWords } from '../models/image-size';
import { sizeOf } from '../models/side-or-size';
import type { SideOrSize } from '../models/side-or-size';
import { ParameterStore } from '../models/parameter-store';
import { randomTeacherArrays, readTeacherFile } from '../models/teacher';
import type { TeacherSource } from '../models/teacher';
import { trainingConfigSchema } from '../training/config';
import { RunFolder } from '../training/run-folder';
import { requireArrays } from '../weights/named-arrays';
import type { NamedArrays } from '../weights/named-arrays';
import { readSafetensors } from '../weights/safetensors';
import { EMBEDDED_WEIGHTS } from '../weights/teacher-file';
import { readRunConfig } from './run-config';
import type { RunConfig } from './run-config';
import { storedThreshold } from './stored-threshold';

export interface LoadedRun extends Omit<ReadRun, 'model' | 'teacherArrays' | 'threshold'> {
  /** With the size and the filter of the run's images, and the threshold that it ended with. */
  detector: AnomalyDetector;
}

/** A run of the student-teacher methods, whose networks are at hand. */
export interface LoadedStudentRun extends LoadedRun {
  detector: TensorFlowDetector;
}

/**
 * The detector of a run of any method, with the model that its protocol selected.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function openRun(folder: string, teacherFile?: string): LoadedRun {
  const { model, teacherArrays, threshold, ...read } = readRun(folder, teacherFile);
  const { config } = read.config;
  const teacher = ParameterStore.fromArrays(teacherArrays);
  const { judge, dispose } = methodOf(config).open(model, config, teacher);
  const whole = {
    judge,
    dispose: () => {
      dispose();
      teacher.dispose();
    },
  };
  return {
    ...read,
    detector: createDetector(whole, { ...config, productResolution: 'image', threshold }),
  };
}

/**
 * The detector of a student-teacher run, with its networks.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, is one of another method, or a file is damaged
 */
export function loadDetector(folder: string, teacherFile?: string): LoadedStudentRun {
  const { model, teacherArrays, threshold, ...read } = readRun(folder, teacherFile);
  const { config } = read.config;
  requireStudent(read.run, config);
  const networks = {
    teacher: ParameterStore.fromArrays(teacherArrays),
    ...studentNetworks(model, config),
  };
  return { ...read, detector: createTensorFlowDetector(networks, { ...config, threshold }) };
}

/** The configuration of a run that has a detector. */
export type DetectorRunConfig = RunConfig & { config: DetectorConfig };

/** A run's model as numbers outside the engine. */
export interface ReadRun {
  run: RunFolder;
  config: DetectorRunConfig;
  /** What is in model.safetensors. */
  model: NamedArrays;
  /** The backbone that it was made with; empty for a method that uses none. */
  teacherArrays: NamedArrays;
  /** The epoch that the model comes from, counted from 1; null if its file does not say, or it does not come from epochs. */
  modelEpoch: number | null;
  /** An image whose score is above it is called defective; null for an unfinished run. */
  threshold: OperatingThreshold | null;
}

/** @throws Error when the run is a pre-training, which has no student */
export function requireDetectorRun(run: RunFolder): DetectorRunConfig {
  const runConfig = readRunConfig(run);
  const { config } = runConfig;
  if (config.recipe === 'pre-training') {
    throw new Error(
      `${run.folder}: expected a run with a detector, found a pre-training of auto-encoders. ` +
        'Joint training begins with it.',
    );
  }
  return { ...runConfig, config };
}

/**
 * The numbers of a run's model, with those that its protocol selected. Loads no engine.
 *
 * @param teacherFile where the teacher's weights are now; default: where they were
 * @throws Error when the run has no model yet, or a file is damaged
 */
export function readRun(folder: string, teacherFile?: string): ReadRun {
  const run = new RunFolder(folder);
  const config = requireDetectorRun(run);
  const file = run.file('model.safetensors');
  const { arrays, metadata } = readSafetensors(file);
  const model = isStudent(config.config)
    ? requireArrays(file, arrays, studentShapes(config.config))
    : arrays;
  return {
    run,
    config,
    model,
    teacherArrays: methodOf(config.config).usesTeacher
      ? readTeacher(config, teacherFile)
      : new Map(),
    modelEpoch: metadata.epoch === undefined ? null : Number(metadata.epoch),
    threshold: storedThreshold(run) ?? thresholdIn(file, metadata.threshold),
  };
}

function thresholdIn(file: string, text: string | undefined): OperatingThreshold | null {
  try {
    return parseThreshold(text);
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

/** @throws Error when the run is one of another method */
function requireStudent(
  { folder }: RunFolder,
  config: DetectorConfig,
): asserts config is StudentConfig {
  if (isStudent(config)) return;
  throw new Error(`${folder}: expected a run with a student, found one of ${config.recipe}.`);
}

/**
 * The arrays of the teacher that a run was trained with, without loading the engine.
 *
 * @param file where its weights are now; default: where they were in training
 * @throws Error when the file is gone or holds other weights now
 */
function readTeacher({ teacher }: RunConfig, file: string | undefined): NamedArrays {
  if (teacher.kind === 'random') return randomTeacherArrays(teacher.seed ?? 0).arrays;
  const where =
    file ?? teacher.file ?? (teacher.kind === 'embedded' ? EMBEDDED_WEIGHTS : undefined);
  if (where === undefined)
    throw new Error(`No file is known for the teacher ${teacher.name}; name one.`);
  const { arrays, source } = readTeacherFile(where);
  if (source.sha256 !== teacher.sha256) {
    throw new Error(
      `${where}: expected the weights that the run was trained with (SHA-256 ${teacher.sha256}), ` +
        `found ${source.sha256}.`,
    );
  }
  return arrays;
}

export interface AutoEncoderFile {
  arrays: NamedArrays;
  /** Of the whole file. */
  sha256: string;
}

/** What auto-encoders were made for: they copy one teacher's features of one category at one size. */
export interface AutoEncoderUse {
  category: string;
  imageSize: SideOrSize;
  teacher: TeacherSource;
}

/**
 * @param file of a pre-training run, or of a detector
 * @throws Error that names each point in which the auto-encoders in it were made for something else; what neither the file
 *   nor a run beside it says is not compared
 */
export function requireAutoEncodersFor(file: string, wanted: AutoEncoderUse): void {
  const { metadata } = readSafetensors(file);
  const config = metadata.config && trainingConfigSchema.safeParse(JSON.parse(metadata.config));
  const made = config && config.success ? config.data : undefined;
  const run = new RunFolder(path.dirname(file));
  const teacher = run.exists ? readRunConfig(run).teacher : undefined;
  const differences: string[] = [];
  if (made && made.category !== wanted.category) {
    differences.push(`category: ${made.category}, expected ${wanted.category}`);
  }
  if (made && !isDeepStrictEqual(sizeOf(made.imageSize), sizeOf(wanted.imageSize))) {
    const [found, expected] = [made, wanted].map(({ imageSize }) => sizeInWords(imageSize));
    differences.push(`image size: ${found}, expected ${expected}`);
  }
  const { sha256, seed } = wanted.teacher;
  if (teacher && (teacher.sha256 !== sha256 || teacher.seed !== seed)) {
    differences.push(`teacher: ${teacher.name}, expected ${wanted.teacher.name}`);
  }
  if (differences.length === 0) return;
  throw new Error(
    `${file}: its auto-encoders were not made for what is wanted.\n  ${differences.join('\n  ')}`,
  );
}

/**
 * The auto-encoders in a model file, of a pre-training run or of a detector.
 *
 * @param config the shape that they must have
 * @throws Error that names the file when it holds others or none
 */
export function readAutoEncoders(file: string, config: AutoEncoderConfig): AutoEncoderFile {
  const { arrays, metadata } = readSafetensors(file);
  if (metadata.config !== undefined) {
    const found = trainingConfigSchema.parse(JSON.parse(metadata.config));
    const shape = found.recipe === 'baseline' ? null : found.autoEncoder;
    if (!isDeepStrictEqual(shape, config)) {
      throw new Error(
        `${file}: expected auto-encoders with ${JSON.stringify(config)}, ` +
          `found ${shape ? JSON.stringify(shape) : 'none'}.`,
      );
    }
  }
  const sha256 = sha256Of(file);
  return { arrays: requireArrays(file, arrays, autoEncodersShapes(config)), sha256 };
}
