import type { Command } from 'commander';
import type { DoctorOptions } from '../actions/doctor';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/doctor') as typeof import('../actions/doctor');

const MORE = `
The exit code is 0 if training is possible. Without a data set or weights it is:
synthetic images and the embedded teacher stand in for them.

Examples:
  stfpm doctor
  stfpm doctor --json | jq .ready`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'say what is installed, what it runs on, which data and weights are found, and what is missing',
    )
    .summary('say what is installed, found and missing')
    .option('--data <folder>', 'data set to look at (default: MVTEC_AD_ROOT)')
    .option(
      '--weights <file>',
      'weights to look at (default: RESNET18_WEIGHTS, else downloaded ones)',
    )
    .option('--json', 'print the findings as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action((options: DoctorOptions) => loadAction().doctor(options));
}
