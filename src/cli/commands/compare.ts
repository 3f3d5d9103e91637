import type { Command } from 'commander';
import { COLUMNS, COST_COLUMNS } from '../experiments/experiment-table';
import { evaluateRun, measuredMemory } from '../runs/evaluate-run';
import type { EvaluatedRun } from '../runs/evaluate-run';
import { requireRun } from '../runs/find-run';
import { methodName, resultRecord } from '../runs/result-record';
import type { ResultRecord } from '../runs/result-record';
import { numberText } from '../terminal/metrics-text';
import { print } from '../terminal/say';

const MORE = `
Memory is the most that judging takes, as \`stfpm evaluate\` last measured it for
the run, in a process of its own: the engine, the test images and their maps
included.`;

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('put finished runs side by side: metrics, losses, and the settings that differ')
    .argument('<run...>', 'run folders')
    .option('--data <folder>', 'data set (default: where the runs were trained)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .addHelpText('after', MORE)
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
    runs.push({ name: evaluated.name, record: recordOf(evaluated) });
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
    ...COST_COLUMNS.map(({ title, ours, digits }) => [
      title,
      ...runs.map(({ record }) => ours(record)?.toFixed(digits) ?? '–'),
    ]),
    ...settings,
  ];
  print(numberText(['', ...runs.map(({ name }) => name)], rows));
}

/** The memory is that of `stfpm evaluate`: this process holds what it has judged before. */
function recordOf(evaluated: EvaluatedRun): ResultRecord {
  return resultRecord(evaluated, { peakMemoryBytes: measuredMemory(evaluated.run) ?? undefined });
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
