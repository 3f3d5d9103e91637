import type { Command } from 'commander';
import * as path from 'path';
import { baselineConfig } from '../../lib/training/config';
import type { BaselineConfig } from '../../lib/training/config';
import { readRunConfig } from '../../lib/training/run-config';
import type { RunConfig } from '../../lib/training/run-config';
import { RunFolder } from '../../lib/training/run-folder';
import type { EpochRecord } from '../../lib/training/run-folder';
import type { StepEvent, TrainResult } from '../../lib/training/train';
import { trainBaseline } from '../../lib/training/train-baseline';
import { datasetName } from '../dataset-name';
import { duration } from '../duration';
import { Interrupted, interruptible } from '../interruption';
import { openProgress } from '../progress';
import type { Progress } from '../progress';
import { print, say, warn } from '../say';
import { chooseImages } from '../training-images';
import type { ChosenImages } from '../training-images';
import { chooseTeacher } from '../training-teacher';
import type { ChosenTeacher } from '../training-teacher';
import { UsageError } from '../usage-error';

/** The options of `stfpm train`. */
export interface TrainOptions {
  category?: string;
  data?: string;
  synthetic?: boolean;
  weights?: string;
  randomTeacher?: boolean;
  protocol: BaselineConfig['protocol'];
  epochs: number;
  batchSize: number;
  imageSize: number;
  learningRate: number;
  validationShare: number;
  seed: number;
  out?: string;
  strict?: boolean;
}

const SETTINGS = [
  'protocol',
  'epochs',
  'batchSize',
  'imageSize',
  'learningRate',
  'validationShare',
  'seed',
] as const;

/** `stfpm train` */
export async function train(options: TrainOptions, command: Command): Promise<void> {
  const named = options.out === undefined ? null : new RunFolder(options.out);
  const namedRun = named?.exists ? readRunConfig(named) : null;
  const settings = givenSettings(options, command);
  const category = options.category ?? namedRun?.config.category;
  const images = await chooseImages({
    ...options,
    category,
    runRoot: namedRun?.dataset.root,
  });
  const { dataset } = images;
  const { config: runSettings } = namedRun ?? {};
  const config = baselineConfig({ ...runSettings, ...settings, category: dataset.category });

  const chosen = chooseTeacher({
    weights: options.weights,
    random: options.randomTeacher,
    runTeacher: namedRun?.teacher,
  });
  const run = named ?? new RunFolder(defaultFolder(config, images, chosen));
  const before = namedRun ?? (run.exists ? readRunConfig(run) : null);
  const epochsBefore = before ? run.readEpochs().length : 0;
  if (epochsBefore > config.epochs) {
    throw new UsageError(
      `${show(run)}: the run has ${epochsBefore} epochs already, asked for were ${config.epochs}.`,
    );
  }
  introduce(config, run, images, chosen);
  if (before && epochsBefore < config.epochs) say(`Going on after epoch ${epochsBefore}.`);

  const { last, result, seconds } = await trainWithProgress(config, run, images, chosen);
  if (result.status === 'finished') {
    print(finished(run, result, last === undefined, seconds));
  }
}

/** Settings that the command line names, without the defaults. */
function givenSettings(options: TrainOptions, command: Command): Partial<BaselineConfig> {
  const given = SETTINGS.filter((name) => command.getOptionValueSource(name) === 'cli');
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

function defaultFolder(
  { category, protocol, seed }: BaselineConfig,
  { synthetic }: ChosenImages,
  { teacher }: ChosenTeacher,
): string {
  const parts = ['baseline', category, protocol, `seed${seed}`];
  if (synthetic) parts.push('synthetic');
  if (teacher.source.kind === 'random') parts.push('random-teacher');
  return path.join('runs', parts.join('-'));
}

/** A path as the user would type it here. */
function show({ folder }: RunFolder): string {
  const relative = path.relative('.', folder);
  return relative === '' || relative.startsWith('..') ? folder : relative;
}

function introduce(
  config: BaselineConfig,
  run: RunFolder,
  { dataset, because, synthetic }: ChosenImages,
  { description }: ChosenTeacher,
): void {
  const { imageSize, protocol, epochs, seed } = config;
  const counts = `${dataset.train.length} train and ${dataset.test.length} test images`;
  const what = synthetic
    ? `rendered by this lab, not photographs (${because}; --data or MVTEC_AD_ROOT names real ones)`
    : `${datasetName(dataset)}, ${dataset.root} (${because})`;
  say(`Images: ${dataset.category}, ${counts}; ${what}`);
  for (const warning of dataset.warnings) warn(warning);
  say(`Teacher: ${description}`);
  say(
    `Run: ${show(run)} (protocol ${protocol}, ${epochs} epochs, ` +
      `${imageSize} x ${imageSize} pixels, seed ${seed})`,
  );
}

interface Trained {
  result: TrainResult;
  /** The last step that was taken; undefined when there was none. */
  last: StepEvent | undefined;
  seconds: number;
}

async function trainWithProgress(
  config: BaselineConfig,
  run: RunFolder,
  { dataset }: ChosenImages,
  { teacher }: ChosenTeacher,
): Promise<Trained> {
  const progress = openProgress();
  let last: StepEvent | undefined;
  const start = performance.now();
  const stopNotice = () =>
    progress.line('Stopping after this step (again to end at once, without saving it) ...');
  try {
    const result = await interruptible(
      (signal) =>
        trainBaseline(config, dataset, teacher, run.folder, {
          signal,
          onPrepare: (phase, done, total) => {
            const name = phase === 'images' ? 'Reading images' : "Computing the teacher's features";
            progress.update({ name, done, total });
          },
          onStep: showSteps(progress, (event) => (last = event)),
          onEpoch: (record) => progress.milestone(epochLine(record, config.epochs)),
        }).then((trained) => {
          if (trained.status === 'finished') return trained;
          throw signal.reason;
        }),
      stopNotice,
    );
    return { result, last, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    progress.stop();
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(error.signal, stopped(run, config, last));
  } finally {
    progress.stop();
  }
}

function showSteps(progress: Progress, note: (event: StepEvent) => void) {
  let doneBefore: number | undefined;
  return (event: StepEvent) => {
    note(event);
    const { epoch, epochs, step, steps, loss } = event;
    const done = (epoch - 1) * steps + step;
    doneBefore ??= done - 1;
    const where = `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`;
    progress.update({
      name: 'Training',
      done,
      total: epochs * steps,
      doneBefore,
      unit: 'steps',
      note: where,
    });
  };
}

function epochLine({ epoch, loss, validation, seconds }: EpochRecord, epochs: number): string {
  const heldOut = validation === undefined ? '' : `, held-out map ${validation.toExponential(3)}`;
  return `epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}${heldOut} (${duration(seconds)})`;
}

function stopped(run: RunFolder, { epochs }: RunConfig['config'], last?: StepEvent): string {
  const where = last
    ? `in epoch ${last.epoch} of ${epochs}, after step ${last.step} of ${last.steps}; all of it is saved`
    : 'before the first step; nothing is lost';
  return (
    `Stopped ${where}.\n` +
    `The same command goes on from there, and so does: stfpm train --out ${show(run)}`
  );
}

function finished(
  run: RunFolder,
  { epochs, modelEpoch }: TrainResult,
  wasBefore: boolean,
  seconds: number,
): string {
  const { loss } = epochs[epochs.length - 1];
  const result = `${epochs.length} epochs, loss ${loss.toFixed(4)}, model of epoch ${modelEpoch}`;
  return wasBefore
    ? `${show(run)}: finished already (${result}).\n` +
        'To train on, ask for more --epochs; to begin anew, choose another --out.\n' +
        `Next: stfpm evaluate ${show(run)}`
    : `Finished in ${duration(seconds)}: ${result}.\nNext: stfpm evaluate ${show(run)}`;
}
