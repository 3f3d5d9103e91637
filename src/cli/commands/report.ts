import type { Command } from 'commander';
import type { ReportOptions } from '../actions/report';
import { DEFAULT_CATEGORY } from '../default-category';

/** Loaded when the command runs: the whole library comes with it. */
const loadAction = () => require('../actions/report') as typeof import('../actions/report');

const MORE = `
The page needs no other file and no network: settings, metrics, charts, and
every test image with its anomaly map, to sort, to filter, and to look at
closely. The runs must be of one category and one image size. A page with
pictures of MVTec AD is under its licence (CC BY-NC-SA 4.0).

Examples:
  stfpm report --category leather
  stfpm report runs/bottle
  stfpm report runs/baseline runs/joint --out reports/bottle.html
`;

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('write one HTML page on runs: metrics, charts, every test image with its map')
    .argument('[run...]', "run folders (default: the two that the paper's figures compare)")
    .option(
      '-c, --category <name>',
      `without runs: of this category (default: "${DEFAULT_CATEGORY}")`,
    )
    .option('--data <folder>', 'data set (default: where the runs were trained)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option('-o, --out <file>', 'the page', 'reports/report.html')
    .addHelpText('after', MORE)
    .action((runs: string[], options: ReportOptions) => loadAction().report(runs, options));
}
