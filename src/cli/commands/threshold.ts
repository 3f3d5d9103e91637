import { Option } from 'commander';
import type { Command } from 'commander';
import { scoresOf } from '../../lib/anomaly-map/detect';
import { requireWritable } from '../../lib/files/atomic-write';
import { thresholdByCost, thresholdFromGood } from '../../lib/anomaly-map/threshold';
import type { GoodScores, OperatingThreshold } from '../../lib/anomaly-map/threshold';
import { percent } from '../../lib/anomaly-map/threshold-words';
import { listNames } from '../../lib/data/folder';
import { FileError } from '../../lib/files/file-error';
import { learntFrom, readImageRecord } from '../../lib/runs/image-record';
import { forgetThreshold, storeThreshold } from '../../lib/runs/stored-threshold';
import { printable } from '../../lib/text/printable';
import { imagesToJudge, judgeImages } from '../inputs/images-to-judge';
import type { ImageToJudge } from '../inputs/images-to-judge';
import { notNegative, rate, runtimeOption, UsageError } from '../options';
import type { Runtime } from '../options';
import { requireRun } from '../runs/find-run';
import { openPredictor } from '../runs/open-predictor';
import type { Predictor } from '../runs/open-predictor';
import { addThresholdOptions, chosenThreshold, tellThreshold } from '../runs/threshold-choice';
import type { ThresholdOptions } from '../runs/threshold-choice';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import { complain, print, say, warn } from '../terminal/say';
import { histogramText } from '../terminal/score-histogram';

const MORE = `
Without options: shows the run's threshold, the scores that it was set from and
what it can promise. With them it is set anew, and stored in the run folder as
threshold.json: predict, evaluate, report and export use it from then on. The
model stays as it is, and --reset brings the threshold of the training back.

--good names good images that the detector has not learnt from, in place of the
held-out ones; those that it has learnt from are named and left out. With --bad
and the costs of both mistakes, the threshold is the one of least cost an image;
--defect-rate says how often there is a defect (default: the share of bad images
among those named).

Images that the threshold is chosen by say nothing about how good it is: keep
others for that.

Examples:
  stfpm threshold runs/bottle
  stfpm threshold runs/bottle --false-alarms 1/200
  stfpm threshold runs/bottle --good more-good/
  stfpm threshold runs/bottle --good good/ --bad bad/ --cost-missed 50
  stfpm threshold runs/bottle --threshold 0.02 --pixel-threshold 0.01`;

export function addThresholdCommand(program: Command): void {
  const command = program
    .command('threshold')
    .description('show the threshold of a run and what it promises, or set another one')
    .argument('<run>', 'the run folder')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now");
  addThresholdOptions(command)
    .option('--good <path...>', 'good images to set it from, or folders of them')
    .option('--bad <path...>', 'defective images, or folders of them, for a choice by cost')
    .addOption(
      new Option('--cost-missed <x>', 'of a defect called good (default: 1)').argParser(
        notNegative,
      ),
    )
    .addOption(
      new Option(
        '--cost-false-alarm <x>',
        'of a good image called defective (default: 1)',
      ).argParser(notNegative),
    )
    .addOption(new Option('--defect-rate <rate>', 'how often there is a defect').argParser(rate))
    .option('--reset', 'back to the threshold that training has set')
    .addOption(runtimeOption('onnx'))
    .addHelpText('after', MORE)
    .action(threshold);
}

/** The options of `stfpm threshold`. */
export interface ThresholdCommandOptions extends ThresholdOptions {
  weights?: string;
  good?: string[];
  bad?: string[];
  costMissed?: number;
  costFalseAlarm?: number;
  defectRate?: number;
  reset?: boolean;
  runtime: Runtime;
}

/** `stfpm threshold` */
async function threshold(folder: string, options: ThresholdCommandOptions): Promise<void> {
  checkOptions(options);
  const run = requireRun(folder);
  // The slow ways; what is only shown is shown of a run that may not be written to, too.
  if (options.good ?? options.bad) requireWritable(run.file('threshold.json'));
  if (options.reset) forgetThreshold(run);
  const predictor = await openPredictor(folder, options);
  let chosen: { threshold: OperatingThreshold | null; bad: readonly number[] };
  try {
    chosen = await choose(predictor, options);
  } finally {
    await predictor.detector.dispose();
  }
  const { threshold: value, bad } = chosen;
  const groups = [
    { name: 'good', scores: value?.scores ?? [] },
    { name: 'bad', scores: bad },
  ].filter(({ scores }) => scores.length > 0);
  if (groups.length > 0) print(histogramText(groups, value?.value ?? null));
  tellThreshold(value);
  if (value === null || value === predictor.detector.threshold) return;
  storeThreshold(run, value);
  say(`Written: ${run.file('threshold.json')}`);
}

function checkOptions(options: ThresholdCommandOptions): void {
  const { good, bad, reset, threshold: given, falseAlarms, pixelThreshold } = options;
  const { costMissed, costFalseAlarm, defectRate } = options;
  const costs = {
    '--cost-missed': costMissed,
    '--cost-false-alarm': costFalseAlarm,
    '--defect-rate': defectRate,
  };
  for (const [name, value] of Object.entries(costs)) {
    if (value !== undefined && !bad) throw new UsageError(`${name} goes with --bad.`);
  }
  if (bad && (given ?? falseAlarms) !== undefined) {
    throw new UsageError('--bad chooses by cost: without --threshold and --false-alarms.');
  }
  const others = [good, bad, given, falseAlarms, pixelThreshold];
  if (reset && others.some((value) => value !== undefined)) {
    throw new UsageError('--reset goes without other thresholds.');
  }
}

async function choose(
  predictor: Predictor,
  options: ThresholdCommandOptions,
): Promise<{ threshold: OperatingThreshold | null; bad: readonly number[] }> {
  const { good, bad, falseAlarms, threshold: given, pixelThreshold } = options;
  const stored = predictor.detector.threshold;
  const goodScores = good ? await judged(predictor, good, 'good') : storedScores(stored);
  if (!bad) {
    const base = good ? thresholdFromGood(goodScores!, 'held-out', falseAlarms) : stored;
    const asked = good ? { threshold: given, pixelThreshold } : options;
    return { threshold: chosenThreshold(base, asked), bad: [] };
  }
  if (!goodScores) {
    throw new UsageError(
      '--bad needs --good: the run has no scores of good images that were held out.',
    );
  }
  const { scores } = await judged(predictor, bad, 'bad');
  const { costMissed = 1, costFalseAlarm = 1 } = options;
  const defectRate =
    options.defectRate ?? scores.length / (scores.length + goodScores.scores.length);
  const costs = { missed: costMissed, falseAlarm: costFalseAlarm, defectRate };
  const { cost, missedDefects, ...best } = thresholdByCost(goodScores, scores, costs);
  say(
    `Of least cost with a missed defect at ${costMissed}, a false alarm at ${costFalseAlarm} and ` +
      `${percent(defectRate)} defects: ${missedDefects} of ${scores.length} bad images missed, ` +
      `${best.falseAlarms} of ${best.images} good ones called defective, ${cost.toPrecision(3)} an image`,
  );
  return { threshold: chosenThreshold(best, { pixelThreshold }), bad: scores };
}

function storedScores(threshold: OperatingThreshold | null): GoodScores | null {
  if (!threshold?.scores || threshold.source === 'train') return null;
  const { scores, peaks, pixel } = threshold;
  return { scores, peaks: peaks ?? (pixel === undefined ? null : scores) };
}

/**
 * Images by which a threshold can promise something.
 *
 * @throws FileError when the run has learnt from all of them
 */
async function notLearntFrom(
  { run }: Predictor,
  images: readonly ImageToJudge[],
  paths: readonly string[],
): Promise<readonly ImageToJudge[]> {
  const record = run && readImageRecord(run);
  if (!record) return images;
  const readable = images.filter(({ error }) => !error).map(({ file }) => file);
  const learnt = new Set(await interruptible((signal) => learntFrom(record, readable, { signal })));
  if (learnt.size === 0) return images;
  const others = images.filter(({ file }) => !learnt.has(file));
  if (others.length === 0) {
    throw new FileError(
      paths.join(', '),
      'good images that the run has not learnt from',
      `${learnt.size} that it has`,
    );
  }
  const names = images.flatMap(({ name, file }) => (learnt.has(file) ? printable(name) : []));
  warn(
    `${names.length} good images left out, which the run has learnt from and scores lower than new ones: ${listNames(names)}`,
  );
  return others;
}

/** @throws Error when there are none, or one cannot be judged: it would change the rate */
async function judged(
  predictor: Predictor,
  paths: readonly string[],
  kind: 'good' | 'bad',
): Promise<GoodScores> {
  const { detector } = predictor;
  const found = imagesToJudge(paths).images;
  if (found.length === 0) throw new Error(`${paths.join(', ')}: expected images, found none.`);
  const images = kind === 'good' ? await notLearntFrom(predictor, found, paths) : found;
  const scores: number[] = [];
  const peaks: number[] = [];
  let failed = 0;
  const progress = openProgress();
  try {
    await interruptible(async (signal) => {
      for await (const judgement of judgeImages(detector, images, { signal })) {
        if ('error' in judgement) {
          failed++;
          complain(judgement.error.message);
        } else {
          const one = scoresOf([judgement]);
          scores.push(...one.scores);
          peaks.push(...(one.peaks ?? []));
        }
        const done = scores.length + failed;
        progress.update({ name: `Judging ${kind} images`, done, total: images.length });
      }
    });
  } finally {
    progress.stop();
  }
  if (failed > 0)
    throw new Error(`${failed} of ${images.length} ${kind} images could not be judged.`);
  return { scores, peaks: peaks.length === scores.length ? peaks : null };
}
