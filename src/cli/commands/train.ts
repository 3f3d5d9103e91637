import * as fs from 'fs';
import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { inFrame } from '../../lib/models/image-size';
import { parseThreshold } from '../../lib/anomaly-map/threshold';
import { regionInWords } from '../../lib/data/region-of-interest';
import type { Fit } from '../../lib/data/frame';
import type { ElementType } from '../../lib/engine/index';
import { sizeAsOption } from '../../lib/models/image-size';
import { sizeOf } from '../../lib/models/side-or-size';
import type { SideOrSize } from '../../lib/models/side-or-size';
import { duration } from '../../lib/text/duration';
import { LEARNER_NAMES, learnerOf, methodConfig, recipeOf } from '../../lib/methods/index';
import type { MethodConfig } from '../../lib/methods/index';
import { epochsOf, isComplete } from '../../lib/runs/run-config';
import { OWN_IMAGES_SETTINGS, settingsForSteps } from '../../lib/training/config';
import type { BaselineConfig, JointConfig, TrainingConfig } from '../../lib/training/config';
import { RunFolder } from '../../lib/training/run-folder';
import { readSafetensors } from '../../lib/weights/safetensors';
import { readRunConfig } from '../../lib/runs/run-config';
import { settingsForStudentOf } from '../../lib/runs/student-run';
import type { RunConfig } from '../../lib/runs/run-config';
import type { LearningResult } from '../../lib/runs/train-detector';
import { addFolderOptions, addMaskWarnings, chooseImages, datasetName } from '../inputs/images';
import type { ChosenImages, FolderOptions } from '../inputs/images';
import { choosePrecision, elementType, precisionOption } from '../inputs/precision';
import type { PrecisionChoice } from '../inputs/precision';
import { chooseTeacher, sayTeacher } from '../inputs/teacher';
import type { ChosenTeacher } from '../inputs/teacher';
import {
  DEFAULT_CATEGORY,
  finiteNumber,
  jsonObject,
  notNegative,
  fitOption,
  imageSizeOption,
  numberOption,
  overlapOption,
  rate,
  roiOption,
  tileOption,
  tileSettingsOf,
  UsageError,
  wholeNumber,
  whiteOption,
} from '../options';
import { DatasetError } from '../../lib/data/folder';
import { quoted } from '../terminal/quoted';
import { tellThreshold } from '../runs/threshold-choice';
import { showRun, trainWithProgress } from '../runs/train-run';
import { print, say, warn } from '../terminal/say';

const MORE = `
A run folder holds config.json, metrics.jsonl (a line per epoch), tensorboard/,
model.safetensors, state.safetensors and summary.json.

Ctrl-C stops after the step in progress with everything saved; the same command
goes on from there, with the numbers of a run that was never stopped. A second
Ctrl-C ends at once. For a run named by --out, options that are not given are
the run's own.

The run's split.json says which image was trained on, held out for the
threshold, or is to be tested on, with checksums. Where --good alone is given,
a fifth of the good images is tested on and a fifth held out, drawn by
--split-seed and never by their names; copies of one image, and images of one
group (--group-by), stay together.

Examples:
  stfpm train --good photos/good --bad photos/bad --masks photos/masks
  stfpm train --good photos/ok --group-by "part([0-9]+)"
  stfpm train --data ~/mvtec_ad --category bottle
  stfpm train --protocol B --epochs 60 --seed 1 --out runs/bottle-b1
  stfpm train --out runs/bottle-b1 --epochs 100   (goes on for 40 more epochs)
  stfpm train --epochs 5 --image-size 128         (for a quick look)
  stfpm train --method pre-training               (the paper's auto-encoders)
  stfpm train --method joint --auto-encoders runs/pre-training-bottle-seed0
  stfpm train --method patchcore                  (no training: minutes at most)
  stfpm train --method patchcore --train-images 4 (few-shot)
  stfpm train --method fusion --student runs/baseline-bottle-B-seed0`;

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train a detector on good images, or go on with a run that was stopped')
    .optionsGroup('Images and teacher:');
  addFolderOptions(command)
    .option('-c, --category <name>', `category of the data set (default: "${DEFAULT_CATEGORY}")`)
    .option(
      '--data <folder>',
      "data set in MVTec AD's layout, or a folder with good/ in it (default: MVTEC_AD_ROOT, else synthetic images)",
    )
    .addOption(
      new Option(
        '--synthetic',
        "the lab's own synthetic images, even if the environment names others",
      ).conflicts('data'),
    )
    .addOption(roiOption())
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .addOption(
      new Option(
        '--weights <file>',
        'ImageNet weights of the teacher (default: RESNET18_WEIGHTS, else downloaded ones, else embedded ones)',
      ).conflicts(['embeddedTeacher', 'randomTeacher']),
    )
    .addOption(
      new Option(
        '--embedded-teacher',
        'the teacher that comes with the lab, even if there are other weights',
      ).conflicts('randomTeacher'),
    )
    .option('--random-teacher', 'an untrained teacher, to compare with')
    .optionsGroup('Training:')
    .addOption(
      new Option(
        '-m, --method <name>',
        "stfpm; joint: with the paper's auto-encoders, which pre-training makes; or another one",
      )
        .choices(LEARNER_NAMES)
        .default('stfpm'),
    )
    .addOption(
      new Option('--recipe <name>', 'as --method; baseline: STFPM')
        .choices(['baseline', 'pre-training', 'joint'])
        .conflicts('method')
        .hideHelp(),
    )
    .addOption(
      new Option(
        '--settings <json>',
        'further settings of the method, e.g. {"maxEntries":1000}',
      ).argParser(jsonObject),
    )
    .addOption(
      new Option(
        '-p, --protocol <name>',
        'A: all train images, last epoch. B: some are held out to choose the epoch by',
      )
        .choices(['A', 'B'])
        .default('A'),
    )
    .addOption(numberOption('epochs', 'n', 'passes over the train images'))
    .addOption(
      new Option(
        '--steps <n>',
        'train for so many steps in place of epochs, above 25 in whole 25s: few images are gone over more often',
      )
        .argParser(wholeNumber(1))
        .conflicts('epochs'),
    )
    .addOption(
      new Option(
        '--patience <n>',
        'protocol B: stop after so many epochs (with --steps: of 25 steps) that were no better on the held-out images',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option(
        '--weight-average <x>',
        "stfpm: the model is an average of the student's weights, of which each step keeps this share, e.g. .99",
      ).argParser(notNegative),
    )
    .addOption(numberOption('batchSize', 'n', 'images per step'))
    .addOption(imageSizeOption())
    .addOption(fitOption())
    .addOption(tileOption())
    .addOption(overlapOption())
    .addOption(whiteOption())
    .addOption(numberOption('learningRate', 'x', 'of stochastic gradient descent'))
    .addOption(numberOption('validationShare', 'x', 'protocol B: share of images held out'))
    .addOption(numberOption('seed', 'n', 'of initial weights, split and order of the images'))
    .addOption(precisionOption())
    .addOption(
      new Option(
        '--feature-precision <name>',
        "what the teacher's features are kept in; bf16: half the memory, or disk (default: float32)",
      ).argParser(elementType),
    )
    .addOption(
      new Option(
        '--augmented-images <n>',
        'few-shot: train on this many flipped, turned and cropped copies',
      ).argParser(wholeNumber(0)),
    )
    .addOption(
      new Option(
        '--train-images <n>',
        'few-shot: use this many of the good images; methods beside stfpm and joint',
      ).argParser(wholeNumber(1)),
    )
    .addOption(
      new Option(
        '--false-alarms <rate>',
        'set the threshold for this rate among good images, such as 1/200 or 0.5% (default: 1%)',
      ).argParser(rate),
    )
    .addOption(
      new Option(
        '--feature-memory <GiB>',
        "memory for the teacher's features; beyond it they lie in the run folder during training (default: 2)",
      ).argParser(notNegative),
    )
    .addOption(
      new Option(
        '--save-seconds <n>',
        'training that a killed process may lose; 0 saves after every epoch (default: 30)',
      ).argParser(notNegative),
    )
    .option(
      '--student <run>',
      'levels-and-memory, fusion: take over the student of this run (stfpm or joint, protocol B)',
    )
    .optionsGroup('Auto-encoders:')
    .option('--auto-encoders <run>', 'joint: the pre-training run, or model file, to begin with')
    .addOption(
      new Option('--mode <name>', 'joint: how the auto-encoders take part').choices([
        'pre-trained',
        'raw',
        'frozen',
      ]),
    )
    .addOption(
      new Option(
        '--alpha <x>',
        'joint: weight of the reconstruction loss (default: 1e-7)',
      ).argParser(finiteNumber),
    )
    .addOption(
      new Option(
        '--frozen-epochs <n>',
        'joint: first epochs that leave the auto-encoders alone (default: 5)',
      ).argParser(wholeNumber(0)),
    )
    .addOption(
      new Option(
        '--auto-encoder <json>',
        'shape of the auto-encoders where it is not the paper\'s, e.g. {"skips":"not-top"}',
      ).argParser(jsonObject),
    )
    .optionsGroup('Output:')
    .option(
      '-o, --out <folder>',
      'the run folder (default: runs/, by recipe, category, protocol and seed)',
    )
    .optionsGroup('Options:')
    .addHelpText('after', MORE)
    .action(train);
}

/** The options of `stfpm train`. */
export interface TrainOptions extends FolderOptions {
  method: string;
  /** An earlier name of --method. */
  recipe?: TrainingConfig['recipe'];
  /** Settings of the method that have no option of their own, already read. */
  settings?: object;
  /** The run folder whose student is taken over. */
  student?: string;
  /** Joint training: the run folder of a pre-training, or its model file. */
  autoEncoders?: string;
  /** Settings of the auto-encoders' shape, already read. */
  autoEncoder?: object;
  alpha?: number;
  mode?: JointConfig['mode'];
  frozenEpochs?: number;
  augmentedImages?: number;
  trainImages?: number;
  falseAlarms?: number;
  /** GiB. */
  featureMemory?: number;
  saveSeconds?: number;
  category?: string;
  data?: string;
  synthetic?: boolean;
  roi?: string;
  weights?: string;
  embeddedTeacher?: boolean;
  randomTeacher?: boolean;
  protocol: BaselineConfig['protocol'];
  epochs: number;
  steps?: number;
  patience?: number;
  weightAverage?: number;
  batchSize: number;
  imageSize: SideOrSize;
  fit: Fit;
  tile?: SideOrSize;
  overlap?: number;
  white?: number;
  learningRate: number;
  validationShare: number;
  seed: number;
  precision?: PrecisionChoice;
  featurePrecision?: ElementType;
  out?: string;
  strict?: boolean;
}

const SETTINGS = [
  'protocol',
  'epochs',
  'patience',
  'weightAverage',
  'batchSize',
  'imageSize',
  'fit',
  'learningRate',
  'validationShare',
  'seed',
  'augmentedImages',
  'trainImages',
  'featurePrecision',
  'autoEncoder',
  'alpha',
  'mode',
  'frozenEpochs',
] as const;

/** `stfpm train` */
async function train(options: TrainOptions, command: Command): Promise<void> {
  const named = options.out === undefined ? null : new RunFolder(options.out);
  const namedRun = named?.exists ? readRunConfig(named) : null;
  const { precision, note } = choosePrecision(options.precision, precisionOf(namedRun?.config));
  const settings = { ...givenSettings(options, command), ...(precision && { precision }) };
  const category = options.category ?? namedRun?.config.category;
  const images = await chooseImages({
    ...options,
    category,
    runRoot: namedRun?.dataset.root,
    run: named ?? undefined,
    runRoi: namedRun?.config.roi,
  });
  const { dataset } = images;
  const { config: runSettings } = namedRun ?? {};
  const recipe = runSettings?.recipe ?? options.recipe ?? recipeOf({ name: options.method });
  const isOwnDefault =
    !namedRun && recipe === 'baseline' && dataset.division && !hasOwnLength(settings, options);
  const config = methodConfig({
    ...(isOwnDefault && OWN_IMAGES_SETTINGS),
    ...runSettings,
    ...(options.student !== undefined && settingsForStudentOf(options.student)),
    ...settings,
    ...options.settings,
    recipe,
    category: dataset.category,
  });
  if (config.recipe === 'pre-training' && options.falseAlarms !== undefined) {
    throw new UsageError('--false-alarms goes with a detector, and pre-training makes none yet.');
  }
  const autoEncoderFile = autoEncodersOf(config, options, namedRun);

  const chosen = chooseTeacher(
    {
      weights: options.weights,
      embedded: options.embeddedTeacher,
      random: options.randomTeacher,
      runTeacher: namedRun?.teacher,
    },
    learnerOf(config),
  );
  const run = named ?? new RunFolder(defaultFolder(config, images, chosen));
  const before = namedRun ?? (run.exists ? readRunConfig(run) : null);
  const epochsBefore = before ? run.readEpochs().length : 0;
  const epochs = epochsOf(config);
  if (epochsBefore > epochs) {
    throw new UsageError(
      `${showRun(run)}: the run has ${inEpochs(epochsBefore)} already, you asked for ${epochs}.`,
    );
  }
  const wasFinished = before !== null && isComplete(run, config);
  await addMaskWarnings(dataset, sizeOf(config.imageSize));
  if (options.strict && dataset.warnings.length > 0) {
    throw new DatasetError(
      dataset.root,
      'a data set without oddities (strict)',
      dataset.warnings.join('; '),
    );
  }
  introduce(config, run, images, chosen);
  if (note !== undefined) say(note);
  if (epochsBefore > 0 && !wasFinished) say(`Going on after epoch ${epochsBefore}.`);

  const { result, seconds } = await trainWithProgress(config, run, images, chosen, {
    autoEncoderFile,
    studentRun: options.student ?? (namedRun?.student && path.dirname(namedRun.student.file)),
    featureMemory:
      options.featureMemory === undefined ? undefined : options.featureMemory * 2 ** 30,
    saveSeconds: options.saveSeconds,
    white: options.white,
    falseAlarms: options.falseAlarms ?? namedRun?.falseAlarms,
    again: `stfpm train --out ${quoted(showRun(run))}`,
  });
  if (result.status === 'finished') {
    const { recipe } = config;
    const next =
      recipe === 'pre-training'
        ? jointTraining(config, options, run)
        : dataset.test.length > 0
          ? `evaluate ${quoted(showRun(run))}`
          : `predict ${quoted(showRun(run))} IMAGES`;
    print(finished(run, result, wasFinished, seconds));
    for (const note of result.notes ?? []) print(note);
    if (options.falseAlarms !== undefined) tellFalseAlarms(run, options, wasFinished);
    print(`Next: npx stfpm ${next}`);
  }
}

/** What became of the rate of false alarms that was asked for. */
function tellFalseAlarms(
  run: RunFolder,
  { falseAlarms = 0 }: TrainOptions,
  wasFinished: boolean,
): void {
  if (wasFinished) {
    warn(
      `--false-alarms: the run keeps its threshold; \`stfpm threshold ${quoted(showRun(run))} ` +
        `--false-alarms ${falseAlarms}\` sets another one`,
    );
    return;
  }
  const { metadata } = readSafetensors(run.file('model.safetensors'));
  const threshold = parseThreshold(metadata.threshold);
  if (threshold) tellThreshold(threshold);
}

/** Whether the command line asks for the paper's or the authors' recipe, by its epochs or its protocol. */
function hasOwnLength(settings: object, { steps }: TrainOptions): boolean {
  return 'protocol' in settings || ('epochs' in settings && steps === undefined);
}

/** The model file of the auto-encoders to begin with: those named, else those of the run to go on with. */
function autoEncodersOf(
  config: MethodConfig,
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
  return {
    ...Object.fromEntries(given.map((name) => [name, options[name]])),
    ...(options.steps !== undefined && settingsForSteps(options.steps)),
    ...tileSettingsOf(options),
  };
}

function defaultFolder(
  config: MethodConfig,
  { synthetic }: ChosenImages,
  { teacher }: ChosenTeacher,
): string {
  const { recipe, category, seed } = config;
  const protocol = 'protocol' in config ? [config.protocol] : [];
  const parts = [recipe, category, ...protocol, `seed${seed}`];
  if (synthetic) parts.push('synthetic');
  const { kind } = teacher.source;
  if (kind === 'embedded' || kind === 'random') parts.push(`${kind}-teacher`);
  return path.join('runs', parts.join('-'));
}

function introduce(
  config: MethodConfig,
  run: RunFolder,
  { dataset, because, synthetic }: ChosenImages,
  { teacher }: ChosenTeacher,
): void {
  const { recipe, seed, augmentedImages } = config;
  const epochs = epochsOf(config);
  const held = dataset.heldOut?.length ? `, ${dataset.heldOut.length} held-out` : '';
  const counts = `${dataset.train.length} train${held} and ${dataset.test.length} test images`;
  const what = synthetic
    ? `rendered by this lab, not photographs (${because}; --data or MVTEC_AD_ROOT names real ones)`
    : `${datasetName(dataset)}, ${dataset.root} (${because})`;
  say(`Images: ${dataset.category}, ${counts}; ${what}`);
  for (const warning of dataset.warnings) warn(warning);
  sayTeacher(teacher.source);
  say(
    `Run: ${showRun(run)} (${recipe}, ` +
      ('protocol' in config ? `protocol ${config.protocol}, ` : '') +
      (epochs > 0 ? `${inEpochs(epochs)}${ofSteps(config)}, ` : '') +
      `${inFrame(config)}, seed ${seed}${precisionOf(config) === 'bfloat16' ? ', bfloat16' : ''})`,
  );
  if (recipe === 'pre-training' && dataset.test.length > 0) {
    say(
      'Test images: how well their features are reconstructed is recorded after each epoch (normal1 to defect3 in ' +
        'metrics.jsonl), for information; nothing is chosen by it',
    );
  }
  const roi = dataset.roi ?? config.roi;
  if (roi !== null) say(`Region of interest: ${regionInWords(roi)}; nothing counts outside`);
  if ('trainImages' in config && config.trainImages !== null) {
    say(`Few-shot: ${config.trainImages} of the ${dataset.train.length} train images`);
  }
  if (augmentedImages > 0) {
    say(
      `Few-shot: ${augmentedImages} flipped, turned and cropped copies of ${dataset.train.length} images`,
    );
  }
}

/** What follows a pre-training: the same images, size and teacher. */
function jointTraining(
  config: MethodConfig,
  { data, synthetic, roi, weights, embeddedTeacher, randomTeacher, ...own }: TrainOptions,
  run: RunFolder,
): string {
  const { category, imageSize, fit, tileOverlap } = config;
  const list = (option: string, values: readonly (string | number)[] = []) =>
    values.length > 0 ? [`--${option} ${values.map((value) => quoted(`${value}`)).join(' ')}`] : [];
  const folders = own.good
    ? [
        ...list('good', own.good),
        ...list('bad', own.bad),
        ...list('masks', own.masks),
        ...list('test-good', own.testGood),
        ...list('name', [own.name ?? []].flat()),
        ...list('group-by', [own.groupBy ?? []].flat()),
        ...list('split-seed', [own.splitSeed ?? []].flat()),
      ]
    : [...list('category', [category]), ...list('data', [data ?? []].flat())];
  return [
    `train --method joint --auto-encoders ${quoted(showRun(run))}`,
    ...folders,
    ...(synthetic ? ['--synthetic'] : []),
    ...(tileOverlap === null
      ? imageSize === 256
        ? []
        : [`--image-size ${sizeAsOption(imageSize)}`]
      : [`--tile ${sizeAsOption(imageSize)} --overlap ${tileOverlap}`]),
    ...(fit === 'stretch' ? [] : [`--fit ${fit}`]),
    ...(roi === undefined ? [] : [`--roi ${quoted(roi)}`]),
    ...(weights === undefined ? [] : [`--weights ${quoted(weights)}`]),
    ...(embeddedTeacher ? ['--embedded-teacher'] : []),
    ...(randomTeacher ? ['--random-teacher'] : []),
    ...(precisionOf(config) === 'bfloat16' ? ['--precision bf16'] : []),
  ].join(' ');
}

/** What a run computes in while it learns; undefined where its method says nothing of it. */
function precisionOf(config: MethodConfig | undefined): ElementType | undefined {
  return config && 'precision' in config ? config.precision : undefined;
}

function ofSteps(config: MethodConfig): string {
  const { epochSteps = null } = 'epochSteps' in config ? config : {};
  return epochSteps === null ? '' : ` of ${epochSteps} steps`;
}

function finished(
  run: RunFolder,
  { epochs, modelEpoch }: LearningResult,
  wasBefore: boolean,
  seconds: number,
): string {
  const last = epochs.at(-1);
  const result = last
    ? `${inEpochs(epochs.length)}, loss ${last.loss.toFixed(4)}, model of epoch ${modelEpoch}`
    : null;
  if (result === null) {
    return wasBefore
      ? `${showRun(run)}: finished already. To begin anew, choose another --out.`
      : `Finished in ${duration(seconds)}.`;
  }
  return wasBefore
    ? `${showRun(run)}: finished already (${result}).\n` +
        'To train on, ask for more --epochs; to begin anew, choose another --out.'
    : `Finished in ${duration(seconds)}: ${result}.`;
}

function inEpochs(count: number): string {
  return count === 1 ? '1 epoch' : `${count} epochs`;
}
