import type { Command } from 'commander';
import { COLUMNS } from '../experiments/experiment-table';
import { evaluateRun } from '../runs/evaluate-run';
import { requireRun } from '../runs/find-run';
import { methodName, resultRecord } from '../runs/result-record';
import type { ResultRecord } from '../runs/result-record';
import { numberText } from '../terminal/metrics-text';
import { print } from '../terminal/say';

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('put finished runs side by side: metrics, losses, and the settings that differ')
    .argument('<run...>', 'run folders')
    .option('--data <folder>', 'data set (default: where the runs were trained)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .action(compare);
}

/** The options of `stfpm compare`. */
export interface CompareOptions {
  data?: string;
  weights?: string;
}

/** `stfpm compare` */
async function compare(folders: string[], options: CompareOptions): Promise<void> {
  for (const folder of folders) requireRun(folder);
  const runs: { name: string; record: ResultRecord }[] = [];
  for (const folder of folders) {
    const evaluated = await evaluateRun(folder, options);
    runs.push({ name: evaluated.name, record: resultRecord(evaluated) });
  }
  const settings = differingSettings(runs.map(({ record }) => record));
  const rows = [
    ['method', ...runs.map(({ record }) => methodName(record.config))],
    ['epochs', ...runs.map(({ record }) => String(record.loss.length || '–'))],
    ...COLUMNS.map(({ title, ours, digits }) => [
      title,
      ...runs.map(({ record }) => ours(record)?.toFixed(digits) ?? '–'),
    ]),
    ['loss per image', ...runs.map(({ record: { loss } }) => loss.at(-1)?.toFixed(4) ?? '–')],
    ['threshold', ...runs.map(({ record }) => record.threshold?.value.toPrecision(3) ?? '–')],
    [
      'seconds per epoch',
      ...runs.map(({ record }) => String(record.secondsPerEpoch?.median ?? '–')),
    ],
    ['seconds of training', ...runs.map(({ record }) => String(record.seconds ?? '–'))],
    ...settings,
  ];
  print(numberText(['', ...runs.map(({ name }) => name)], rows));
}

/** Settings, teacher and images in which the runs differ. */
function differingSettings(records: readonly ResultRecord[]): string[][] {
  const all = records.map(({ config, teacher, dataset }): Record<string, unknown> => ({
    ...config,
    teacher: teacher.name,
    images: dataset.name,
  }));
  const names = [...new Set(all.flatMap(Object.keys))].filter((name) => name !== 'epochs');
  return names.flatMap((name) => {
    const values = all.map((settings) => inWords(settings[name]));
    return new Set(values).size > 1 ? [[name, ...values]] : [];
  });
}

function inWords(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
