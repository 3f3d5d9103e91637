import { Command } from 'commander';
import pc from 'picocolors';
import { isPackaged } from '../lib/files/optional-package';
import type * as Engine from '../lib/engine/index';
import type * as Choose from './commands/choose';
import type * as Compare from './commands/compare';
import type * as Data from './commands/data';
import type * as Doctor from './commands/doctor';
import type * as Evaluate from './commands/evaluate';
import type * as Export from './commands/export';
import type * as Figures from './commands/figures';
import type * as Kernel from './commands/kernel';
import type * as Notebooks from './commands/notebooks';
import type * as Predict from './commands/predict';
import type * as Report from './commands/report';
import type * as Reproduce from './commands/reproduce';
import type * as Results from './commands/results';
import type * as Setup from './commands/setup';
import type * as Sweep from './commands/sweep';
import type * as Synth from './commands/synth';
import type * as Threshold from './commands/threshold';
import type * as Train from './commands/train';
import type * as Verify from './commands/verify';
import type * as Weights from './commands/weights';
import { EXIT_CODES_HELP } from './terminal/interruption';
import { projectVersion } from './project';

const WIDTH = 80;

const ADVICE = `
A first run, without any data or weights of your own:
  stfpm train --epochs 5 --image-size 128
  stfpm evaluate runs/baseline-bottle-A-seed0-synthetic-embedded-teacher

Environment:
  MVTEC_AD_ROOT    folder of MVTec AD, or of images in its layout
  RESNET18_WEIGHTS ImageNet weights of ResNet-18, .pth or .safetensors
  STFPM_DEBUG      same as --verbose

${EXIT_CODES_HELP}`;

/** A command's file adds it to the program, with its options and what it does. */
type AddCommand = (program: Command) => void;

/** All commands in the order of the help. The file of one is loaded when it is named. */
const COMMANDS: readonly { name: string; summary: string; load: () => AddCommand }[] = [
  {
    name: 'data',
    summary: 'look at images before any training: sizes, copies, odd ones, masks that mislead',
    load: () => (require('./commands/data') as typeof Data).addDataCommand,
  },
  {
    name: 'train',
    summary: 'train a detector on good images',
    load: () => (require('./commands/train') as typeof Train).addTrainCommand,
  },
  {
    name: 'choose',
    summary: 'try the quick methods on your good images, and say which one suits them',
    load: () => (require('./commands/choose') as typeof Choose).addChooseCommand,
  },
  {
    name: 'evaluate',
    summary: "measure a run's detector on the test images of its category",
    load: () => (require('./commands/evaluate') as typeof Evaluate).addEvaluateCommand,
  },
  {
    name: 'reproduce',
    summary: "run the paper's experiments and put the results beside its numbers",
    load: () => (require('./commands/reproduce') as typeof Reproduce).addReproduceCommand,
  },
  {
    name: 'sweep',
    summary: 'plan many runs, have them run here or on a cluster, and put them into a table',
    load: () => (require('./commands/sweep') as typeof Sweep).addSweepCommand,
  },
  {
    name: 'compare',
    summary: 'put finished runs side by side: metrics, losses, and the settings that differ',
    load: () => (require('./commands/compare') as typeof Compare).addCompareCommand,
  },
  {
    name: 'results',
    summary: 'write RESULTS.md, the page of all recorded results, from a folder of records',
    load: () => (require('./commands/results') as typeof Results).addResultsCommand,
  },
  {
    name: 'figures',
    summary: "draw the paper's figures by their numbers, or a run's anomaly maps and curves",
    load: () => (require('./commands/figures') as typeof Figures).addFiguresCommand,
  },
  {
    name: 'report',
    summary: 'write one HTML page on runs: metrics, charts, every test image with its map',
    load: () => (require('./commands/report') as typeof Report).addReportCommand,
  },
  {
    name: 'predict',
    summary: 'score your own images',
    load: () => (require('./commands/predict') as typeof Predict).addPredictCommand,
  },
  {
    name: 'threshold',
    summary: 'show the threshold of a run and what it promises, or set another one',
    load: () => (require('./commands/threshold') as typeof Threshold).addThresholdCommand,
  },
  {
    name: 'export',
    summary: 'write a detector as one ONNX file',
    load: () => (require('./commands/export') as typeof Export).addExportCommand,
  },
  {
    name: 'verify',
    summary: 'check an exported file against its run, in each runtime, picture by picture',
    load: () => (require('./commands/verify') as typeof Verify).addVerifyCommand,
  },
  {
    name: 'synth',
    summary: 'render a synthetic data set',
    load: () => (require('./commands/synth') as typeof Synth).addSynthCommand,
  },
  {
    name: 'weights',
    summary: "download the teacher's ImageNet weights",
    load: () => (require('./commands/weights') as typeof Weights).addWeightsCommand,
  },
  {
    name: 'setup',
    summary: 'make the training engine',
    load: () => (require('./commands/setup') as typeof Setup).addSetupCommand,
  },
  {
    name: 'kernel',
    summary: 'register the notebook kernel with your own Jupyter',
    load: () => (require('./commands/kernel') as typeof Kernel).addKernelCommand,
  },
  {
    name: 'notebooks',
    summary: 'copy the notebooks out, to work on',
    load: () => (require('./commands/notebooks') as typeof Notebooks).addNotebooksCommand,
  },
  {
    name: 'doctor',
    summary: 'say what is installed, found and missing',
    load: () => (require('./commands/doctor') as typeof Doctor).addDoctorCommand,
  },
];

const TRAINING_COMMANDS = ['train', 'choose', 'reproduce'];

/** @throws MissingPackageError with the command that makes it */
function requireEngine(): void {
  const { tf } = require('../lib/engine/index') as typeof Engine;
  void tf.version;
}

/**
 * The command line. Commands that the arguments do not name have only a name and a summary, for the help and for
 * suggestions: none of the library is loaded for them.
 *
 * @param argv the arguments after the command's name
 */
export function createProgram(argv: readonly string[]): Command {
  const program = new Command('stfpm')
    .description(
      'Finds defects in images: trains a student network to imitate a teacher on good images (STFPM), ' +
        'maps where the two disagree on others, and measures how well that detects defects.',
    )
    .version(projectVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--verbose', 'print everything about an error')
    .exitOverride()
    .showHelpAfterError('See `stfpm --help` and `stfpm COMMAND --help`.')
    .configureOutput({
      // The texts below the options are set for this width.
      getOutHelpWidth: () => Math.min(process.stdout.columns ?? WIDTH, WIDTH),
      getErrHelpWidth: () => Math.min(process.stderr.columns ?? WIDTH, WIDTH),
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => pc.bold(title),
      styleCommandText: (text) => pc.cyan(text),
    })
    .addHelpText('after', ADVICE)
    .hook('preAction', (_, command) => {
      // A checkout has it. Whoever has the package alone should hear of it before images are rendered and read.
      if (isPackaged() && TRAINING_COMMANDS.includes(command.name())) requireEngine();
    });
  for (const { name, summary, load } of COMMANDS) {
    if (argv.includes(name)) load()(program);
    else program.command(name).summary(summary);
  }
  return program;
}
