import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Fit } from '../../lib/data/frame';
import type { SideOrSize } from '../../lib/models/side-or-size';
import { openFolders } from '../../lib/data/open-folders';
import type { Dataset } from '../../lib/data/sample';
import { writeMetricsJson } from '../../lib/evaluation/metrics-json';
import { methodOf } from '../../lib/methods/index';
import { CANDIDATE_NAMES, chooseMethod } from '../../lib/runs/choose-method';
import type { Choice, Trial } from '../../lib/runs/choose-method';
import { duration } from '../../lib/text/duration';
import { chooseImages } from '../inputs/images';
import { chooseTeacher, sayTeacher } from '../inputs/teacher';
import {
  DEFAULT_CATEGORY,
  fitOption,
  imageSizeOption,
  numberOption,
  overlapOption,
  roiOption,
  tileOption,
  tileSettingsOf,
  wholeNumber,
  whiteOption,
} from '../options';
import { trainingProgress } from '../runs/train-run';
import { interruptible } from '../terminal/interruption';
import { numberText } from '../terminal/metrics-text';
import { openProgress } from '../terminal/progress';
import { quoted } from '../terminal/quoted';
import { print, say, warn } from '../terminal/say';

const MORE = `
Each method learns from four fifths of the good images. The others, and made-up
defects on them, are what it is measured on: no real defect is looked at, and
none is needed. Made-up defects are not real ones: the numbers compare methods,
and say little of how many real defects will be found.

Every method that was tried stays as a run in --out; the same command goes on
where it was stopped.

Examples:
  stfpm choose --good photos/good
  stfpm choose --category bottle --out runs/choice-bottle`;

export function addChooseCommand(program: Command): void {
  program
    .command('choose')
    .description('try the quick methods on your good images, and say which one suits them')
    .addOption(
      new Option('--good <folder...>', 'good images, as many as there are').conflicts([
        'data',
        'category',
        'synthetic',
      ]),
    )
    .option('-c, --category <name>', `or a category of a data set (default: "${DEFAULT_CATEGORY}")`)
    .option('--data <folder>', "of which data set, in MVTec AD's layout (default: MVTEC_AD_ROOT)")
    .option('--synthetic', "the lab's own synthetic images")
    .option('--weights <file>', 'ImageNet weights of the teacher')
    .option('--embedded-teacher', 'the teacher that comes with the lab')
    .option('--random-teacher', 'an untrained teacher, to compare with')
    .addOption(imageSizeOption())
    .addOption(fitOption())
    .addOption(tileOption())
    .addOption(overlapOption())
    .addOption(whiteOption())
    .addOption(roiOption())
    .addOption(numberOption('seed', 'n', 'of all that is random'))
    .addOption(
      new Option(
        '--methods <names>',
        `only these, separated by commas (default: ${CANDIDATE_NAMES.join(',')})`,
      ).argParser((text) => text.split(',').map((name) => name.trim())),
    )
    .addOption(
      new Option('--steps <n>', "of STFPM's training, rounded up to whole epochs")
        .argParser(wholeNumber(1))
        .default(240),
    )
    .option('-o, --out <folder>', 'where the runs go (default: runs/choice-NAME)')
    .option('--json', 'print the numbers as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(choose);
}

/** The options of `stfpm choose`. */
export interface ChooseOptions {
  good?: string[];
  category?: string;
  data?: string;
  synthetic?: boolean;
  weights?: string;
  embeddedTeacher?: boolean;
  randomTeacher?: boolean;
  imageSize: SideOrSize;
  fit: Fit;
  tile?: SideOrSize;
  overlap?: number;
  white?: number;
  roi?: string;
  seed: number;
  steps: number;
  methods?: string[];
  out?: string;
  json?: boolean;
}

/** `stfpm choose` */
async function choose(options: ChooseOptions): Promise<void> {
  const dataset = await goodImages(options);
  const { teacher } = chooseTeacher({
    weights: options.weights,
    embedded: options.embeddedTeacher,
    random: options.randomTeacher,
  });
  const out = options.out ?? path.join('runs', `choice-${dataset.category}`);
  say(`Images: ${dataset.category}, ${dataset.train.length} good ones`);
  if (options.roi !== undefined && !options.methods) {
    say('Only methods that can leave out what lies outside the region of interest are tried');
  }
  sayTeacher(teacher.source);
  const progress = openProgress();
  let choice: Choice;
  try {
    choice = await interruptible((signal) =>
      chooseMethod(dataset, teacher, out, {
        signal,
        imageSize: options.imageSize,
        white: options.white,
        roi: options.roi,
        fit: options.fit,
        ...tileSettingsOf(options),
        seed: options.seed,
        steps: options.steps,
        methods: options.methods,
        train: trainingProgress(progress),
        onTrial: (_, config) => progress.line(`Trying ${methodOf(config).title}`),
        onReady: (_, config, run, seconds) =>
          progress.line(
            `${methodOf(config).title} can be used, after ${duration(seconds)}: ${run}`,
          ),
        onResult: (trial) => progress.milestone(inOneLine(trial)),
      }),
    );
  } finally {
    progress.stop();
  }
  await writeMetricsJson(path.join(out, 'choice.json'), choice);
  if (options.json) print(JSON.stringify(choice, null, 2));
  else print(asText(choice));
  say(`Next: npx stfpm predict ${quoted(choice.chosen.folder)} IMAGES`);
}

async function goodImages({ good, roi: _, ...options }: ChooseOptions): Promise<Dataset> {
  if (good === undefined) {
    const { heldOut = [], ...dataset } = (await chooseImages(options)).dataset;
    // Each method holds out the same ones of all.
    return { ...dataset, train: [...dataset.train, ...heldOut] };
  }
  const opened = await openFolders({ good, testShare: 0, heldOutShare: 0 });
  const { root, category, train, warnings } = opened.dataset;
  for (const warning of warnings) warn(warning);
  return { root, category, train, test: [], warnings };
}

function inOneLine({ title, imageAuroc }: Trial): string {
  return `${title}: image AUROC ${imageAuroc.toFixed(3)}`;
}

function asText({ trials, chosen, equals, images }: Choice): string {
  const rows = trials.map((trial) => [
    trial.title,
    trial.imageAuroc.toFixed(4),
    trial.interval.map((value) => value.toFixed(3)).join(' to '),
    trial.pixelAp?.toFixed(3) ?? '–',
    duration(trial.seconds),
    `${(1000 * trial.secondsPerImage).toFixed(0)} ms`,
  ]);
  const head = ['', 'image AUROC', '95 %', 'pixel AP', 'training', 'an image'];
  const sure =
    trials.length === 1
      ? `${chosen.title} alone was tried.`
      : equals.length > 1
        ? `On these images ${equals.join(', ')} cannot be told apart by image AUROC; of them, ` +
          `${chosen.title} has the best maps.`
        : `${chosen.title} is better than the others beyond what other held-out images would change.`;
  return [
    `${images.good} held-out good images, ${images.madeUp} images with made-up defects:`,
    '',
    numberText(head, rows),
    '',
    ...trials.flatMap(({ title, notes }) => notes.map((note) => `${title}: ${note}`)),
    sure,
    'Made-up defects compare methods; they do not say how many real ones will be found.',
    `Chosen: ${chosen.title}, in ${chosen.folder}`,
  ].join('\n');
}
