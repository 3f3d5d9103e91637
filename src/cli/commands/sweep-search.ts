import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { formatCsv } from '../../lib/evaluation/csv';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import type { StudyTrial } from '../../lib/sweep/optuna';
import { searchSettings } from '../../lib/sweep/search';
import { readSearchFile, settingsOfTrial, sweepOf } from '../../lib/sweep/search-file';
import type { SearchFile } from '../../lib/sweep/search-file';
import { duration } from '../../lib/text/duration';
import { searchHistory } from '../../viz/charts/search-history';
import { escapeXml } from '../../viz/text/escape-xml';
import { sweepInputs } from '../experiments/sweep-inputs';
import { page, tableHtml } from '../experiments/sweep-page';
import type { TextTable } from '../experiments/sweep-table';
import { wholeNumber } from '../options';
import { projectVersion } from '../project';
import { trainingProgress } from '../runs/train-run';
import { interruptible } from '../terminal/interruption';
import { numberText } from '../terminal/metrics-text';
import { openProgress } from '../terminal/progress';
import { print, say } from '../terminal/say';
import { separated } from './reproduce';

const MORE = `
Optuna proposes the settings: \`pip install optuna\` in any Python. They are
compared on good images that were held out and on made-up defects on them; no
test image and no label of one is used. The settings without a search are the
first trial. The same command goes on where it was stopped, and may be started
several times, on all machines that see the folder of the runs.

docs/sweeps.md says what the file holds.

Example:
  stfpm sweep search search.yaml --trials 30 --compare leather,gear`;

export function addSearchCommand(command: Command): void {
  command
    .command('search')
    .description('search settings without looking at a test image, by Optuna')
    .argument('<file>', 'the search, YAML or JSON')
    .addOption(
      new Option('--trials <n>', 'of the whole search').argParser(wholeNumber(1)).default(30),
    )
    .option('--python <program>', 'a Python that has Optuna', 'python3')
    .addOption(
      new Option(
        '--compare <categories>',
        'write a sweep that compares what was found on these, on their test images',
      ).argParser(separated),
    )
    .option('-o, --out <folder>', 'where the report goes (default: the folder of the runs)')
    .addHelpText('after', MORE)
    .action(search);
}

/** `stfpm sweep search` */
async function search(
  file: string,
  {
    trials,
    python,
    out,
    compare,
  }: { trials: number; python: string; out?: string; compare?: string[] },
): Promise<void> {
  const asked = readSearchFile(file);
  const inputs = sweepInputs(file, asked);
  const data = await inputs.images(asked.category);
  const teacher = inputs.teacher();
  const progress = openProgress();
  let found: StudyTrial[];
  try {
    found = await interruptible(
      (signal) =>
        searchSettings(asked, data, teacher, {
          ...{ trials, python, signal, runs: inputs.runs, version: projectVersion() },
          onTrial: (number, settings) =>
            progress.milestone(`Trial ${number + 1} of ${trials}: ${inWords(settings)}`),
          onResult: (trial) => progress.milestone(`Trial ${trial.number + 1}: ${outcome(trial)}`),
          train: trainingProgress(progress),
        }),
      () => progress.line('Stopping after this step; the same command goes on from there ...'),
    );
  } finally {
    progress.stop();
    teacher.store.dispose();
  }
  const { table, best, text } = report(asked, found);
  print(numberText(table.head, table.rows));
  print(`\n${text}`);
  const folder = out ?? inputs.runs;
  const files: Record<string, string> = { 'search.csv': formatCsv([table.head, ...table.rows]) };
  if (best) {
    const ended = found.filter(({ state }) => state !== 'running');
    const chart = await searchHistory(ended, { title: asked.name, axisTitle: VALUE });
    files['search.svg'] = chart.toSvg();
    files['search.html'] = page(
      asked.name,
      `<p>${escapeXml(text)}</p><figure>${chart.toSvg()}</figure>${tableHtml(table)}`,
    );
    if (compare) files['compare.yaml'] = stringify(comparison(asked, best, compare, inputs.runs));
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileAtomic(path.join(folder, name), content);
  }
  say(
    `Written: ${Object.keys(files)
      .map((name) => path.join(folder, name))
      .join(', ')}`,
  );
}

const VALUE = 'Value on made-up defects';

function outcome({ state, value, notes, epochs }: StudyTrial): string {
  if (state === 'complete') return value!.toFixed(4);
  if (state === 'pruned') return `given up after ${epochs} epochs`;
  return state === 'fail' ? `failed: ${String(notes.why)}` : 'not finished';
}

const inWords = (settings: Readonly<Record<string, unknown>>) =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${shortly(value)}`)
    .join(', ');

const shortly = (value: unknown) =>
  typeof value === 'number' ? String(Number(value.toPrecision(4))) : JSON.stringify(value);

function report(asked: SearchFile, trials: readonly StudyTrial[]) {
  const number = (value: unknown) => (typeof value === 'number' ? value.toFixed(4) : '–');
  const names = Object.keys(asked.space);
  const table: TextTable = {
    head: ['trial', ...names, 'value', 'image AUROC', 'pixel AP', 'training', 'state'],
    rows: trials.map((trial) => {
      const settings = settingsOfTrial(asked, trial.params);
      const { imageAuroc, pixelAp, seconds } = trial.notes;
      return [
        String(trial.number + 1),
        ...names.map((name) => shortly(settings[name])),
        ...[trial.value, imageAuroc, pixelAp].map(number),
        typeof seconds === 'number' ? duration(seconds) : '–',
        trial.state === 'complete' ? 'finished' : outcome(trial),
      ];
    }),
  };
  const best = trials.reduce<StudyTrial | null>(
    (before, trial) =>
      trial.value !== null && trial.value > (before?.value ?? -Infinity) ? trial : before,
    null,
  );
  const usual = trials.find((trial) => trial.number === 0)?.value;
  const how =
    'Compared on held-out good images and made-up defects on them, by the mean of image AUROC and pixel AP; test images ' +
    'and their labels had no part in it. Made-up defects are not real ones, and the best of many trials looks better than ' +
    'it is: compare it on another category.';
  const text = best
    ? `Best: trial ${best.number + 1}, ${inWords(settingsOfTrial(asked, best.params))}: ${number(best.value)}` +
      `${typeof usual === 'number' ? `, without a search ${number(usual)}` : ''}. ${how}`
    : `No trial came to a value. ${how}`;
  return { table, best, text };
}

/** What was found, against the settings without a search, where nothing was searched. */
function comparison(
  asked: SearchFile,
  best: StudyTrial,
  categories: readonly string[],
  runs: string,
): object {
  const { name, ...sweep } = sweepOf(asked, {
    usual: {},
    found: settingsOfTrial(asked, best.params),
  });
  return { name: `${name}-compared`, ...sweep, runs, categories, seeds: [0, 1, 2, 3, 4] };
}
