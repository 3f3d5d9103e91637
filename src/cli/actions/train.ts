import type { Command } from 'commander';
import * as fs from 'fs';
import * as path from 'path';
import { duration } from '../../lib/text/duration';
import { trainingConfig } from '../../lib/training/config';
import type { BaselineConfig, JointConfig, TrainingConfig } from '../../lib/training/config';
import { readRunConfig } from '../../lib/training/run-config';
import type { RunConfig } from '../../lib/training/run-config';
import { RunFolder } from '../../lib/training/run-folder';
import type { TrainResult } from '../../lib/training/train';
import { datasetName } from '../dataset-name';
import { print, say, warn } from '../say';
import { chooseImages } from '../training-images';
import type { ChosenImages } from '../training-images';
import { chooseTeacher } from '../training-teacher';
import type { ChosenTeacher } from '../training-teacher';
import { showRun, trainWithProgress } from '../train-run';
import { UsageError } from '../usage-error';

/** The options of `stfpm train`. */
export interface TrainOptions {
  recipe: TrainingConfig['recipe'];
  /** Joint training: the run folder of a pre-training, or its model file. */
  autoEncoders?: string;
  /** Settings of the auto-encoders' shape, already read. */
  autoEncoder?: object;
  alpha?: number;
  mode?: JointConfig['mode'];
  frozenEpochs?: number;
  augmentedImages?: number;
  /** GiB. */
  featureMemory?: number;
  saveSeconds?: number;
  category?: string;
  data?: string;
  synthetic?: boolean;
  weights?: string;
  embeddedTeacher?: boolean;
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
  'augmentedImages',
  'autoEncoder',
  'alpha',
  'mode',
  'frozenEpochs',
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
  const recipe = runSettings?.recipe ?? options.recipe;
  const config = trainingConfig({
    ...runSettings,
    ...settings,
    recipe,
    category: dataset.category,
  } as Parameters<typeof trainingConfig>[0]);
  const autoEncoderFile = autoEncodersOf(config, options, namedRun);

  const chosen = chooseTeacher({
    weights: options.weights,
    embedded: options.embeddedTeacher,
    random: options.randomTeacher,
    runTeacher: namedRun?.teacher,
  });
  const run = named ?? new RunFolder(defaultFolder(config, images, chosen));
  const before = namedRun ?? (run.exists ? readRunConfig(run) : null);
  const epochsBefore = before ? run.readEpochs().length : 0;
  if (epochsBefore > config.epochs) {
    throw new UsageError(
      `${showRun(run)}: the run has ${epochsBefore} epochs already, asked for were ${config.epochs}.`,
    );
  }
  introduce(config, run, images, chosen);
  if (before && epochsBefore < config.epochs) say(`Going on after epoch ${epochsBefore}.`);

  const { last, result, seconds } = await trainWithProgress(config, run, images, chosen, {
    autoEncoderFile,
    featureMemory:
      options.featureMemory === undefined ? undefined : options.featureMemory * 2 ** 30,
    saveSeconds: options.saveSeconds,
    again: `stfpm train --out ${showRun(run)}`,
  });
  if (result.status === 'finished') {
    print(finished(run, result, config.recipe, last === undefined, seconds));
  }
}

/** The model file of the auto-encoders to begin with: those named, else those of the run to go on with. */
function autoEncodersOf(
  config: TrainingConfig,
  { autoEncoders }: TrainOptions,
  run: RunConfig | null,
): string | undefined {
  if (autoEncoders === undefined) {
    if (config.recipe === 'joint' && config.mode !== 'raw' && !run) {
      throw new UsageError(
        '--recipe joint begins with pre-trained auto-encoders: name their run with --auto-encoders ' +
          '(`stfpm train --recipe pre-training` makes one), or choose --mode raw.',
      );
    }
    return run?.autoEncoders?.file;
  }
  const model = path.join(autoEncoders, 'model.safetensors');
  return fs.existsSync(model) ? model : autoEncoders;
}

/** Settings that the command line names, without the defaults. */
function givenSettings(options: TrainOptions, command: Command): object {
  const given = SETTINGS.filter((name) => command.getOptionValueSource(name) === 'cli');
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}

function defaultFolder(
  config: TrainingConfig,
  { synthetic }: ChosenImages,
  { teacher }: ChosenTeacher,
): string {
  const { recipe, category, seed } = config;
  const protocol = config.recipe === 'pre-training' ? [] : [config.protocol];
  const parts = [recipe, category, ...protocol, `seed${seed}`];
  if (synthetic) parts.push('synthetic');
  if (teacher.source.kind !== 'file') parts.push(`${teacher.source.kind}-teacher`);
  return path.join('runs', parts.join('-'));
}

function introduce(
  config: TrainingConfig,
  run: RunFolder,
  { dataset, because, synthetic }: ChosenImages,
  { description }: ChosenTeacher,
): void {
  const { recipe, imageSize, epochs, seed, augmentedImages } = config;
  const counts = `${dataset.train.length} train and ${dataset.test.length} test images`;
  const what = synthetic
    ? `rendered by this lab, not photographs (${because}; --data or MVTEC_AD_ROOT names real ones)`
    : `${datasetName(dataset)}, ${dataset.root} (${because})`;
  say(`Images: ${dataset.category}, ${counts}; ${what}`);
  for (const warning of dataset.warnings) warn(warning);
  say(`Teacher: ${description}`);
  say(
    `Run: ${showRun(run)} (${recipe}, ` +
      (config.recipe === 'pre-training' ? '' : `protocol ${config.protocol}, `) +
      `${epochs} epochs, ${imageSize} x ${imageSize} pixels, seed ${seed})`,
  );
  if (recipe === 'pre-training' && dataset.test.length > 0) {
    say(
      'Test images: how well their features are reconstructed is recorded after each epoch (normal1 to defect3 in ' +
        'metrics.jsonl), for information; nothing is chosen by it',
    );
  }
  if (augmentedImages > 0) {
    say(
      `Few-shot: ${augmentedImages} flipped, turned and cropped copies of ${dataset.train.length} images`,
    );
  }
}

function finished(
  run: RunFolder,
  { epochs, modelEpoch }: TrainResult,
  recipe: TrainingConfig['recipe'],
  wasBefore: boolean,
  seconds: number,
): string {
  const { loss } = epochs[epochs.length - 1];
  const result = `${epochs.length} epochs, loss ${loss.toFixed(4)}, model of epoch ${modelEpoch}`;
  const next =
    recipe === 'pre-training'
      ? `stfpm train --recipe joint --auto-encoders ${showRun(run)}`
      : `stfpm evaluate ${showRun(run)}`;
  return wasBefore
    ? `${showRun(run)}: finished already (${result}).\n` +
        'To train on, ask for more --epochs; to begin anew, choose another --out.\n' +
        `Next: ${next}`
    : `Finished in ${duration(seconds)}: ${result}.\nNext: ${next}`;
}
