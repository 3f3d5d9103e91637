import * as fs from 'fs';
import { isDeepStrictEqual } from 'util';
import { z } from 'zod';
import { isSameRegion, regionInWords } from '../data/region-of-interest';
import { FileError } from '../files/file-error';
import { learnerOf, methodConfigSchema } from '../methods/index';
import type { MethodConfig } from '../methods/index';
import type { RunFolder } from '../training/run-folder';
import { isTrained } from '../training/train';
import {
  differentGoodImages,
  goodImagesSha256,
  readImageRecord,
  writeImageRecord,
} from './image-record';
import type { ImageRecord } from './image-record';

/**
 * The version of the run folder that this lab writes as `formatVersion` at most, and the highest that it reads, see
 * `docs/file-formats.md`. Runs that do not say are of version 1. It rises
 * when a reader of the version before would get wrong what it reads.
 */
const RUN_VERSION = 2;

/** The lowest version that reads a run right: before 2, all of an image counted. */
const versionOf = ({ roi }: MethodConfig): number => (roi === null ? 1 : RUN_VERSION);

/** config.json of a run: the training's settings, and where its images and its teacher came from. */
const runConfigSchema = z.object({
  config: methodConfigSchema,
  dataset: z.object({
    root: z.string(),
    trainImages: z.number().int(),
    /** Of the content of all good images learnt from or held out; absent in runs of earlier versions. */
    sha256: z.string().optional(),
  }),
  teacher: z.object({
    kind: z.enum(['file', 'embedded', 'random', 'none']),
    name: z.string(),
    sha256: z.string().optional(),
    /** Where the weight file was; absent for the embedded and for a random teacher. */
    file: z.string().optional(),
    /** Seed of a random teacher. */
    seed: z.number().int().optional(),
  }),
  /** The pre-trained auto-encoders that joint training began with: the model of a pre-training run. */
  autoEncoders: z.object({ file: z.string(), sha256: z.string() }).optional(),
  /** The rate of false alarms that the threshold is set for; absent where that is the usual one. */
  falseAlarms: z.number().gt(0).lt(1).optional(),
  /** The model of the run whose student was taken over. */
  student: z.object({ file: z.string(), sha256: z.string() }).optional(),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/** @throws FileError that names each field that is wrong */
export function readRunConfig(run: RunFolder): RunConfig {
  const read = run.readJson('config.json');
  const { formatVersion = 1 } = (read ?? {}) as { formatVersion?: unknown };
  if (typeof formatVersion === 'number' && formatVersion > RUN_VERSION) {
    throw new FileError(
      run.file('config.json'),
      `a run of version ${RUN_VERSION}`,
      `version ${formatVersion}, which a later stfpm-lab has written`,
    );
  }
  const result = runConfigSchema.safeParse(read);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new FileError(
    run.file('config.json'),
    'the configuration of a run',
    `an invalid one:\n${lines.join('\n')}`,
  );
}

/**
 * What a resumed run may change: a longer training goes on from a shorter one with the same numbers, unless the learning
 * rate falls towards its end, or something else was learnt from what it came to.
 */
function mayChange(setting: string, config: MethodConfig): boolean {
  const isScheduled = 'learningRateDecay' in config && config.learningRateDecay !== 'none';
  const isLengthFree = !isScheduled && !learnerOf(config).takesStudent;
  const isLength = setting === 'epochs' || setting === 'patience';
  return setting === 'divergenceFactor' || (isLength && isLengthFree);
}

/** A setting's value, for messages. */
export function inWords(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether nothing has come of a run yet, so that it may as well begin with other settings. */
function isEmptyRun(run: RunFolder): boolean {
  const isThere = (name: string) => fs.existsSync(run.file(name));
  return (
    !run.finished &&
    run.readEpochs().length === 0 &&
    !isThere('state.safetensors') &&
    !isThere('model.safetensors')
  );
}

/**
 * Writes the configuration of a new run; for an existing one, checks that it is the same, unless nothing has come of it
 * yet. For a finished run with as many epochs nothing is written: what it describes is done.
 *
 * @param images all pictures of the run, to be written down with it
 * @throws Error naming each setting that differs, since going on would mix two experiments in one folder; Error when
 *   the run has more epochs already
 */
export function claimRun(run: RunFolder, wanted: RunConfig, images?: ImageRecord): void {
  const sha256 = images && goodImagesSha256(images);
  if (run.exists && isEmptyRun(run)) run.remove('split.json');
  else if (run.exists) {
    const found = readRunConfig(run);
    const had: Partial<Record<string, unknown>> = found.config;
    const differences = Object.entries(wanted.config)
      .filter(
        ([key, value]) =>
          key !== 'roi' && !mayChange(key, wanted.config) && !isDeepStrictEqual(had[key], value),
      )
      .map(
        ([key, value]) =>
          `${key}: the run has ${inWords(had[key])}, you asked for ${inWords(value)}`,
      );
    if (!isSameRegion(found.config.roi, wanted.config.roi)) {
      const [before, now] = [found, wanted].map(({ config }) => regionInWords(config.roi));
      differences.push(`region of interest: the run has ${before}, you asked for ${now}`);
    }
    if (found.autoEncoders?.sha256 !== wanted.autoEncoders?.sha256) {
      const source = ({ autoEncoders }: RunConfig) => autoEncoders?.file ?? 'untrained ones';
      differences.push(
        `auto-encoders: the run has ${source(found)}, you asked for ${source(wanted)}`,
      );
    }
    if (found.student?.sha256 !== wanted.student?.sha256) {
      const source = ({ student }: RunConfig) => student?.file ?? 'its own';
      differences.push(`student: the run has ${source(found)}, you asked for ${source(wanted)}`);
    }
    const { usesTeacher } = learnerOf(wanted.config);
    const isOtherTeacher =
      found.teacher.sha256 !== wanted.teacher.sha256 || found.teacher.seed !== wanted.teacher.seed;
    if (usesTeacher && isOtherTeacher) {
      differences.push(
        `teacher: the run has ${found.teacher.name}, you asked for ${wanted.teacher.name}`,
      );
    }
    if (found.dataset.trainImages !== wanted.dataset.trainImages) {
      differences.push(
        `train images: the run has ${found.dataset.trainImages}, the data set has ${wanted.dataset.trainImages}`,
      );
    }
    // Other settings give other roles, and are named above.
    const isOtherImages = sha256 !== undefined && (found.dataset.sha256 ?? sha256) !== sha256;
    if (isOtherImages && differences.length === 0) {
      const before = readImageRecord(run);
      differences.push(
        `good images: ${(before && differentGoodImages(before, images!)) ?? 'the run has others, or in another order'}`,
      );
    }
    if (differences.length > 0) {
      throw new Error(
        `${run.folder}: holds a run with other settings; choose another folder.\n  ${differences.join('\n  ')}`,
      );
    }
    const { length } = run.readEpochs();
    const epochs = epochsOf(wanted.config);
    if (length > epochs) {
      throw new Error(
        `${run.folder}: the run has ${length} epochs already, you asked for ${epochs}.`,
      );
    }
    if (isComplete(run, wanted.config)) return;
  }
  if (images) writeImageRecord(run, images);
  const dataset = { ...wanted.dataset, ...(sha256 !== undefined && { sha256 }) };
  const formatVersion = versionOf(wanted.config);
  run.writeJson('config.json', { formatVersion, ...wanted, dataset });
}

/**
 * What learning took: the epochs' seconds, over all sessions, and those beside them of the last session, for images'
 * features, for example; with those of a student that was taken over. Runs of earlier versions know the first alone.
 *
 * @param run a finished one
 * @throws FileError where its summary says something else than a number
 */
export function learningSeconds(run: RunFolder): number {
  const { seconds = 0 } = run.readJson('summary.json') as { seconds?: unknown };
  if (typeof seconds !== 'number' || !(seconds >= 0 && seconds < Infinity)) {
    const found = JSON.stringify(seconds).slice(0, 100);
    throw new FileError(run.file('summary.json'), 'a number of seconds', found);
  }
  return epochSeconds(run) + seconds;
}

/** The seconds of the epochs that a run has so far. */
export function epochSeconds(run: RunFolder): number {
  return run.readEpochs().reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Whether a run is finished and has been trained as long as these settings ask for. */
export function isComplete(run: RunFolder, config: MethodConfig): boolean {
  return run.finished && (!('epochs' in config) || isTrained(run.readEpochs(), config));
}

/** The passes over the images that a run's settings ask for; 0 for a method that does not learn by epochs. */
export function epochsOf(config: MethodConfig): number {
  return 'epochs' in config ? config.epochs : 0;
}
