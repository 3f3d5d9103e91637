import { Command } from 'commander';
import pc from 'picocolors';
import { addCompareCommand } from './commands/compare';
import { addDoctorCommand } from './commands/doctor';
import { addEvaluateCommand } from './commands/evaluate';
import { addExportCommand } from './commands/export';
import { addFiguresCommand } from './commands/figures';
import { addPredictCommand } from './commands/predict';
import { addReportCommand } from './commands/report';
import { addReproduceCommand } from './commands/reproduce';
import { addResultsCommand } from './commands/results';
import { addSynthCommand } from './commands/synth';
import { addTrainCommand } from './commands/train';
import { addWeightsCommand } from './commands/weights';
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
  STFPM_DEBUG      as --verbose

${EXIT_CODES_HELP}`;

/** The command line, all commands with their options; nothing has run yet. */
export function createProgram(): Command {
  const program = new Command('stfpm')
    .description(
      'Finds defects in images: trains a student network to imitate a teacher on good images (STFPM), ' +
        'maps where the two disagree on others, and measures how well that tells defects.',
    )
    .version(projectVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--verbose', 'tell everything about an error')
    .exitOverride()
    .showHelpAfterError('`stfpm --help` and `stfpm COMMAND --help` tell more.')
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
    .addHelpText('after', ADVICE);
  addTrainCommand(program);
  addEvaluateCommand(program);
  addReproduceCommand(program);
  addCompareCommand(program);
  addResultsCommand(program);
  addFiguresCommand(program);
  addReportCommand(program);
  addPredictCommand(program);
  addExportCommand(program);
  addSynthCommand(program);
  addWeightsCommand(program);
  addDoctorCommand(program);
  return program;
}
