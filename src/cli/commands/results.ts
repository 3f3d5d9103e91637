import type { Command } from 'commander';
import { HARD_SETS, METHOD_COMPARISON, PRECISIONS } from '../../lib/experiments/method-studies';
import { ABLATIONS, SWEEP, TEACHER_COMPARISON } from '../../lib/experiments/studies';
import { TABLE_2 } from '../../lib/experiments/table2';
import type { Preset } from '../../lib/experiments/preset';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { experimentTable, groupRecords, METHOD_COLUMNS } from '../experiments/experiment-table';
import type { Column } from '../experiments/experiment-table';
import { readResults } from '../runs/result-record';
import type { ResultRecord } from '../runs/result-record';
import { numberTable } from '../terminal/metrics-text';
import { print } from '../terminal/say';

export function addResultsCommand(program: Command): void {
  program
    .command('results')
    .description('write RESULTS.md, the page of all recorded results, from a folder of records')
    .argument('[folder]', 'where the records are', 'results')
    .option('-o, --out <file.md>', 'where the page goes', 'RESULTS.md')
    .action(results);
}

/** The options of `stfpm results`. */
export interface ResultsOptions {
  out: string;
}

const SECTIONS: readonly {
  title: string;
  presets: readonly Preset[];
  text: string;
  /** Default: those of the paper's tables. */
  columns?: readonly Column[];
}[] = [
  {
    title: 'Table 2',
    presets: TABLE_2,
    text: 'The rows of the paper’s Table 2, and the baselines.',
  },
  {
    title: 'Weight of the reconstruction loss, and modes',
    presets: SWEEP,
    text: 'On bottle; every run of a length begins with the same pre-trained auto-encoders.',
  },
  {
    title: 'Ablations',
    presets: ABLATIONS,
    text: 'Variants that the paper mentions, and its future work, on bottle.',
  },
  {
    title: 'Teachers',
    presets: TEACHER_COMPARISON,
    text:
      'STFPM, protocol A, with the ImageNet teacher, with the one that comes with the project, and with an untrained ' +
      'one, on MVTec AD’s bottle and on the project’s own images.',
  },
  {
    title: 'Other methods',
    presets: METHOD_COMPARISON,
    columns: METHOD_COLUMNS,
    text:
      'Each at 256 × 256, on the same images, with the same fifth of the good ones held out for its threshold (and, by ' +
      'STFPM, for its epoch). Seconds are of the machine that the record names, and other work was on it.',
  },
  {
    title: 'Hard sets',
    presets: HARD_SETS,
    columns: METHOD_COLUMNS,
    text:
      'Which default holds on images of any kind: parts in free rotation and position (gear), natural variety of colour ' +
      'and shape (almond), bottle and leather, all synthetic and at 128 × 128, with the embedded teacher and a fifth of ' +
      'the good images held out. Nothing was chosen by test labels.',
  },
  {
    title: 'Precision',
    presets: PRECISIONS,
    text:
      'Networks that learn in bfloat16 beside those in float32: the same images, seeds and 100 steps of 16, protocol A, at ' +
      '128 × 128 on the project’s own bottle with the embedded teacher. The auto-encoders were pre-trained in the ' +
      'same precision. What counts is whether two rows differ by more than their seeds do.',
  },
];

const INTRODUCTION = `# Results

Written by \`npx stfpm results\` from the records in \`results/\`; each has its configuration, all metrics and the losses
by epoch. Metrics are exact. Where there are several seeds, a cell is mean ± sample standard deviation; where there is
one, it is one run, and differences of .001 to .003 are below what another seed changes. The paper's numbers are single
runs.

L_tot is the loss of the last epoch summed over the batch, as the paper reports it; L_sim per image is its similarity
part divided by the batch, which compares with the baseline's loss.
`;

/** `stfpm results` */
async function results(folder: string, { out }: ResultsOptions): Promise<void> {
  const records = readResults(folder);
  const sections = SECTIONS.flatMap(({ title, presets, text, columns }) => {
    const body = section(presets, records, columns);
    return body === null ? [] : `## ${title}\n\n${text}\n\n${body}\n`;
  });
  writeFileAtomic(out, [INTRODUCTION, ...sections].join('\n'));
  print(`${out}: ${records.length} records`);
}

function section(
  presets: readonly Preset[],
  records: readonly ResultRecord[],
  columns?: readonly Column[],
): string | null {
  const groups = groupRecords(presets, records);
  if (groups.length === 0) return null;
  const { head, rows, notes } = experimentTable(groups, columns);
  const list = notes.map((note, i) => `${i + 1}. ${note}`);
  return [numberTable(head, rows).toMarkdown(), ...(list.length > 0 ? ['', ...list] : [])].join(
    '\n',
  );
}
