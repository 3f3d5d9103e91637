import { Option } from 'commander';
import type { Command } from 'commander';
import type { TrainOptions } from '../actions/train';
import { DEFAULT_CATEGORY } from '../default-category';
import { finiteNumber, jsonObject, notNegative } from '../option-values';
import { numberOption } from '../setting-option';
import { wholeNumber } from '../whole-number';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/train') as typeof import('../actions/train');

const MORE = `
A run folder holds config.json, metrics.jsonl (a line an epoch), tensorboard/,
model.safetensors, state.safetensors and summary.json.

Ctrl-C stops after the step in progress with everything saved; the same command
goes on from there, with the numbers of a run that was never stopped. A second
Ctrl-C ends at once. For a run named by --out, options that are not given are
the run's own.

Examples:
  stfpm train --data ~/mvtec_ad --category bottle
  stfpm train --protocol B --epochs 60 --seed 1 --out runs/bottle-b1
  stfpm train --out runs/bottle-b1 --epochs 100   (goes on for 40 epochs more)
  stfpm train --epochs 5 --image-size 128         (for a quick look)
  stfpm train --recipe pre-training               (the paper's auto-encoders)
  stfpm train --recipe joint --auto-encoders runs/pre-training-bottle-seed0`;

export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('train a detector on good images, or go on with a run that was stopped')
    .summary('train a detector on good images')
    .optionsGroup('Images and teacher:')
    .option('-c, --category <name>', `category of the data set (default: "${DEFAULT_CATEGORY}")`)
    .option(
      '--data <folder>',
      "data set in MVTec AD's layout (default: MVTEC_AD_ROOT, else synthetic images)",
    )
    .addOption(
      new Option(
        '--synthetic',
        "the lab's own synthetic images, whatever the environment names",
      ).conflicts('data'),
    )
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
        'the teacher that comes with the lab, whatever weights there are',
      ).conflicts('randomTeacher'),
    )
    .option('--random-teacher', 'an untrained teacher, to compare with')
    .optionsGroup('Training:')
    .addOption(
      new Option(
        '--recipe <name>',
        'baseline: STFPM. pre-training: auto-encoders on teacher features. joint: both together',
      )
        .choices(['baseline', 'pre-training', 'joint'])
        .default('baseline'),
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
    .addOption(numberOption('batchSize', 'n', 'images a step'))
    .addOption(numberOption('imageSize', 'pixels', 'side that images are resized to'))
    .addOption(numberOption('learningRate', 'x', 'of stochastic gradient descent'))
    .addOption(numberOption('validationShare', 'x', 'protocol B: share of images held out'))
    .addOption(numberOption('seed', 'n', 'of initial weights, split and order of the images'))
    .addOption(
      new Option(
        '--augmented-images <n>',
        'few-shot: train on so many flipped, turned and cropped copies',
      ).argParser(wholeNumber(0)),
    )
    .addOption(
      new Option(
        '--feature-memory <GiB>',
        "memory for the teacher's features; past it they lie in the run folder while it trains (default: 2)",
      ).argParser(notNegative),
    )
    .addOption(
      new Option(
        '--save-seconds <n>',
        'training that a killed process may lose; 0 saves after every epoch (default: 30)',
      ).argParser(notNegative),
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
    .option('-o, --out <folder>', 'the run folder (default: runs/RECIPE-CATEGORY-PROTOCOL-seedN)')
    .optionsGroup('Options:')
    .addHelpText('after', MORE)
    .action((options: TrainOptions, command: Command) => loadAction().train(options, command));
}
