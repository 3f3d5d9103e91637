import * as path from 'path';
import { Argument, InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { writeMetricsJson } from '../../lib/evaluation/metrics-json';
import { EXPERIMENTS } from '../../lib/experiments/studies';
import { planRuns } from '../../lib/experiments/plan-runs';
import { methodOf } from '../../lib/methods/index';
import type { PlannedRuns } from '../../lib/experiments/plan-runs';
import type { Preset } from '../../lib/experiments/preset';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import {
  completeRuns,
  publishedResult,
  resultFile,
  runState,
} from '../experiments/experiment-runs';
import { columnsOf, experimentTable, groupRecords, spread } from '../experiments/experiment-table';
import { chooseImages } from '../inputs/images';
import type { ChosenImages } from '../inputs/images';
import { chooseTeacher, sayTeacher } from '../inputs/teacher';
import type { ChosenTeacher } from '../inputs/teacher';
import { UsageError, wholeNumber } from '../options';
import type { ResultRecord } from '../runs/result-record';
import { numberTable, numberText } from '../terminal/metrics-text';
import { print, say, warn } from '../terminal/say';

const MORE = `
table2     the paper's Table 2 and the baselines that it compares with
sweep      alpha, and the ways auto-encoders take part, on bottle
ablations  variants that the paper mentions, and its future work, on bottle
teachers   STFPM with the ImageNet, the embedded and a random teacher, on bottle
           and on synthetic images
methods    the paper's related work and its successors beside STFPM, on bottle and
           on synthetic bottle and leather
precision  training in bfloat16 beside float32, short, on synthetic bottle

Runs that are finished are not repeated, interrupted ones are continued;
Ctrl-C saves. Rows with the same auto-encoders share one pre-training. The table
goes to standard output and, as Markdown and JSON, into the folder of the runs.
A category with fewer than 20 train images is trained few-shot, on 64 augmented
copies of them, and every output says so.

Examples:
  stfpm reproduce table2 --list
  stfpm reproduce table2 --rows bottle-001 --seeds 0,1,2
  stfpm reproduce sweep --epochs 20
  stfpm reproduce teachers --epochs 40`;

export const separated = (text: string) => text.split(',').map((name) => name.trim());

export function seeds(text: string): number[] {
  const read = wholeNumber(0);
  const list = separated(text).map(read);
  if (new Set(list).size === list.length) return list;
  throw new InvalidArgumentError('Expected different seeds.');
}

export function addReproduceCommand(program: Command): void {
  program
    .command('reproduce')
    .description("run the paper's experiments and put the results beside its numbers")
    .addArgument(new Argument('<experiment>', 'which table').choices(Object.keys(EXPERIMENTS)))
    .addOption(
      new Option('--rows <names>', 'only these rows, separated by commas').argParser(separated),
    )
    .addOption(
      new Option('--seeds <numbers>', 'one run each, separated by commas')
        .argParser(seeds)
        .default([0], '0'),
    )
    .addOption(new Option('--epochs <n>', 'of the students').argParser(wholeNumber(1)).default(100))
    .addOption(
      new Option('--pre-training-epochs <n>', 'of the auto-encoders')
        .argParser(wholeNumber(1))
        .default(100),
    )
    .option('--data <folder>', "data set in MVTec AD's layout (default: MVTEC_AD_ROOT)")
    .addOption(new Option('--synthetic', "the lab's own synthetic images").conflicts('data'))
    .addOption(
      new Option('--weights <file>', 'ImageNet weights of the teacher').conflicts([
        'embeddedTeacher',
        'randomTeacher',
      ]),
    )
    .addOption(
      new Option('--embedded-teacher', 'the teacher that comes with the lab').conflicts(
        'randomTeacher',
      ),
    )
    .option('--random-teacher', 'an untrained teacher, to compare with')
    .option('--runs <folder>', 'where the run folders are', 'runs')
    .option(
      '--results <folder>',
      'take finished records from here, and write those of other runs, without any paths',
    )
    .option(
      '--list',
      'say which runs are finished, started and missing, and train none (renders the images first)',
    )
    .addHelpText('after', MORE)
    .action(reproduce);
}

/** The options of `stfpm reproduce`. */
export interface ReproduceOptions {
  rows?: string[];
  seeds: number[];
  epochs: number;
  preTrainingEpochs: number;
  data?: string;
  weights?: string;
  embeddedTeacher?: boolean;
  randomTeacher?: boolean;
  synthetic?: boolean;
  runs: string;
  results?: string;
  list?: boolean;
}

/** `stfpm reproduce` */
async function reproduce(name: keyof typeof EXPERIMENTS, options: ReproduceOptions): Promise<void> {
  const presets = chosenRows(name, options.rows);
  const images = await imagesOfRows(presets, options);
  const planned = presets.flatMap((preset) =>
    options.seeds.map((seed) =>
      planRuns(preset, {
        seed,
        epochs: options.epochs,
        preTrainingEpochs: options.preTrainingEpochs,
        trainImages: images.get(imagesKey(preset))!.dataset.train.length,
      }),
    ),
  );
  if (options.list) {
    print(listing(planned, images, options));
    return;
  }
  const records: ResultRecord[] = [];
  for (const [done, runs] of planned.entries()) {
    const { preset, seed } = runs;
    say(`[${done + 1} of ${planned.length}] ${preset.title}, seed ${seed}`);
    const chosen = images.get(imagesKey(preset))!;
    const published = publishedResult(options.results, runs, chosen, () =>
      teacherOf(preset, options),
    );
    if (published) {
      records.push(published);
      continue;
    }
    const teacher = teacherOf(preset, options);
    sayTeacher(teacher.teacher.source);
    const record = await completeRuns(runs, options.runs, chosen, teacher, {
      again: 'the same `stfpm reproduce`',
      data: chosen.synthetic ? undefined : options.data,
      weights: options.weights,
    });
    teacher.teacher.store.dispose();
    records.push(record);
    if (options.results !== undefined) {
      await writeMetricsJson(resultFile(options.results, runs.run.name), record);
    }
  }
  await tell(name, presets, records, options.runs);
}

export function chosenRows(
  name: keyof typeof EXPERIMENTS,
  rows: string[] | undefined,
): readonly Preset[] {
  const presets = EXPERIMENTS[name];
  if (rows === undefined) return presets;
  return rows.map((row) => {
    const preset = presets.find((candidate) => candidate.name === row);
    if (preset) return preset;
    const names = presets.map((candidate) => candidate.name).join(', ');
    throw new UsageError(`--rows: "${row}" is not a row of ${name}; its rows are ${names}.`);
  });
}

/** Rows with the same one are about the same images. */
export function imagesKey({ category, images }: Preset): string {
  return `${images ?? 'named'} ${category}`;
}

export async function imagesOfRows(
  presets: readonly Preset[],
  options: ReproduceOptions,
): Promise<Map<string, ChosenImages>> {
  const images = new Map<string, ChosenImages>();
  for (const preset of presets) {
    const key = imagesKey(preset);
    if (images.has(key)) continue;
    const synthetic = options.synthetic || preset.images === 'synthetic';
    const data = synthetic ? undefined : options.data;
    const chosen = await chooseImages({ category: preset.category, data, synthetic });
    for (const warning of chosen.dataset.warnings) warn(warning);
    images.set(key, chosen);
  }
  return images;
}

/** @throws UsageError when a row is about the ImageNet teacher and there are no such weights */
export function teacherOf(
  { name, teacher, experiment }: Preset,
  options: ReproduceOptions,
): ChosenTeacher {
  const chosen = chooseTeacher(
    teacher === undefined
      ? {
          weights: options.weights,
          embedded: options.embeddedTeacher,
          random: options.randomTeacher,
        }
      : {
          weights: teacher === 'imagenet' ? options.weights : undefined,
          embedded: teacher === 'embedded',
          random: teacher === 'random',
        },
    methodOf(experiment),
  );
  if (
    methodOf(experiment).usesTeacher &&
    teacher === 'imagenet' &&
    chosen.teacher.source.kind !== 'file'
  ) {
    throw new UsageError(
      `${name}: expected ImageNet weights, found none. \`stfpm weights\` gets them, and --rows ` +
        'chooses other rows.',
    );
  }
  return chosen;
}

function listing(
  planned: readonly PlannedRuns[],
  images: ReadonlyMap<string, ChosenImages>,
  options: ReproduceOptions,
): string {
  const { runs: root, results } = options;
  const seen = new Set<string>();
  const lines = planned.flatMap((runs) => {
    const { preset, preTraining, student, run } = runs;
    const chosen = images.get(imagesKey(preset))!;
    if (publishedResult(results, runs, chosen, () => teacherOf(preset, options))) {
      return `recorded  ${resultFile(results!, run.name)}`;
    }
    return [preTraining, student, run].flatMap((part) => {
      if (!part || seen.has(part.name)) return [];
      seen.add(part.name);
      const folder = path.join(root, part.name);
      return `${runState(folder, part.config).padEnd(9)} ${folder}`;
    });
  });
  return lines.join('\n');
}

/** Prints the table and writes it into the folder of the runs, as Markdown and as JSON. */
async function tell(
  name: keyof typeof EXPERIMENTS,
  presets: readonly Preset[],
  records: readonly ResultRecord[],
  folder: string,
): Promise<void> {
  const groups = groupRecords(presets, records);
  const columns = columnsOf(name);
  const { head, rows, notes } = experimentTable(groups, columns);
  const numbered = notes.map((note, i) => `(${i + 1}) ${note}`);
  print([numberText(head, rows), '', ...numbered].join('\n').trimEnd());
  const markdown = path.join(folder, `${name}.md`);
  const list = notes.map((note, i) => `${i + 1}. ${note}`).join('\n');
  writeFileAtomic(markdown, `${numberTable(head, rows).toMarkdown()}\n\n${list}`.trimEnd() + '\n');
  const json = path.join(folder, `${name}.json`);
  await writeMetricsJson(json, {
    experiment: name,
    rows: groups.map((group) => ({
      preset: group.preset.name,
      epochs: group.epochs,
      seeds: group.records.map(({ config }) => config.seed),
      paper: group.preset.paper ?? null,
      ours: Object.fromEntries(columns.map((column) => [column.title, spread(group, column)])),
    })),
    notes,
  });
  say(`Written: ${markdown}, ${json}`);
}
