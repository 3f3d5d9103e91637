import type { Command } from 'commander';
import type { CompareOptions } from '../actions/compare';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/compare') as typeof import('../actions/compare');

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('put finished runs side by side: metrics, losses, and the settings that differ')
    .argument('<run...>', 'run folders')
    .option('--data <folder>', 'data set (default: where the runs were trained)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .action((runs: string[], options: CompareOptions) => loadAction().compare(runs, options));
}
