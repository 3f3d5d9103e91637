import * as fs from 'fs';
import * as path from 'path';
import { isDeepStrictEqual } from 'util';
import type { Dataset } from '../data/sample';
import type { TeacherSource } from '../models/teacher';
import type { MethodConfig } from '../methods/index';
import { sha256Of } from '../files/sha256';
import { learnerOf } from '../methods/index';
import { readAutoEncoders } from '../runs/open-run';
import { RunFolder } from '../training/run-folder';
import { isOfImages } from '../runs/image-record';
import { readRunConfig } from '../runs/run-config';
import type { RunConfig } from '../runs/run-config';

/** A run of any method that somebody may have done already. */
export interface WantedRun {
  config: MethodConfig;
  dataset: Pick<Dataset, 'root' | 'train' | 'heldOut'>;
  teacher: TeacherSource;
  /** Joint training from pre-trained auto-encoders: the model file of the pre-training run. */
  autoEncoderFile?: string;
  /** The run whose student is taken over. */
  studentRun?: string;
}

/**
 * A finished run with just these settings, on these images, from this teacher, these auto-encoders and this
 * student, under any name: notebooks and the command line load each other's.
 *
 * @param folder where the run folders are, e.g. runs; it may be missing
 * @returns the run's folder, the first by name; null if there is none
 */
export function findFinishedRun(folder: string, wanted: WantedRun): string | null {
  if (!fs.existsSync(folder)) return null;
  const { config, autoEncoderFile, studentRun } = wanted;
  const student = studentRun && sha256Of(new RunFolder(studentRun).file('model.safetensors'));
  const autoEncoders =
    autoEncoderFile === undefined || config.recipe !== 'joint'
      ? undefined
      : readAutoEncoders(autoEncoderFile, config.autoEncoder).sha256;
  const names = fs.readdirSync(folder).sort();
  const found = names.find((name) => {
    const run = new RunFolder(path.join(folder, name));
    return (
      run.finished &&
      isSame(readOrNull(run), wanted, { autoEncoders, student }) &&
      isOfImages(run, wanted.dataset)
    );
  });
  return found === undefined ? null : path.join(folder, found);
}

/** A folder that cannot be read is not the run that is looked for. */
function readOrNull(run: RunFolder): RunConfig | null {
  try {
    return readRunConfig(run);
  } catch {
    return null;
  }
}

function isSame(
  found: RunConfig | null,
  wanted: WantedRun,
  sha256: { autoEncoders?: string; student?: string },
): boolean {
  const { config, dataset, teacher } = wanted;
  // When to give up on training does not change the result of a finished run.
  const giveUp = 'divergenceFactor' in config && { divergenceFactor: config.divergenceFactor };
  // Null: to be found from the images, as that of the run was.
  const foundRange = config.valueRange === null && { valueRange: null };
  return (
    found !== null &&
    isDeepStrictEqual({ ...found.config, ...giveUp, ...foundRange }, config) &&
    path.resolve(found.dataset.root) === path.resolve(dataset.root) &&
    found.dataset.trainImages === dataset.train.length &&
    (!learnerOf(config).usesTeacher || isSameTeacher(found.teacher, teacher)) &&
    found.autoEncoders?.sha256 === sha256.autoEncoders &&
    found.student?.sha256 === sha256.student
  );
}

function isSameTeacher(ours: TeacherSource, theirs: TeacherSource): boolean {
  return ours.kind === theirs.kind && ours.sha256 === theirs.sha256 && ours.seed === theirs.seed;
}
