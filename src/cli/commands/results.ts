import type { Command } from 'commander';
import type { ResultsOptions } from '../actions/results';

/** Loaded when the command runs. */
const loadAction = () => require('../actions/results') as typeof import('../actions/results');

export function addResultsCommand(program: Command): void {
  program
    .command('results')
    .description('write RESULTS.md, the page of all recorded results, from a folder of records')
    .argument('[folder]', 'where the records are', 'results')
    .option('-o, --out <file.md>', 'where the page goes', 'RESULTS.md')
    .action((folder: string, options: ResultsOptions) => loadAction().results(folder, options));
}
