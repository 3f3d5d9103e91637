import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { inFrame } from '../../lib/models/image-size';
import { mapOf } from '../../lib/anomaly-map/detection';
import { writeScoresCsv } from '../../lib/evaluation/csv';
import { formatMetricsJson, writeMetricsJson } from '../../lib/evaluation/metrics-json';
import { mistakesInWords } from '../../lib/evaluation/operating-point';
import type { OperatingPoint } from '../../lib/evaluation/operating-point';
import { writeNpyMaps } from '../../lib/evaluation/npy';
import { requireWritable } from '../../lib/files/atomic-write';
import type { DetectorConfig } from '../../lib/methods/index';
import { describeTeacher } from '../../lib/models/teacher';
import { duration } from '../../lib/text/duration';
import { printable } from '../../lib/text/printable';
import { roiOption, runtimeOption } from '../options';
import type { Runtime } from '../options';
import { evaluateRun, evaluationReport, pathInDataset } from '../runs/evaluate-run';
import type { Cost, EvaluatedRun, EvaluationReport } from '../runs/evaluate-run';
import { methodName, resultRecord } from '../runs/result-record';
import { metricsText } from '../terminal/metrics-text';
import { requireMaps, requireRun } from '../runs/find-run';
import { addThresholdOptions, tellThreshold } from '../runs/threshold-choice';
import type { ThresholdOptions } from '../runs/threshold-choice';
import { print, say, warn } from '../terminal/say';
import { histogramText } from '../terminal/score-histogram';

const MORE = `
Writes evaluation.json (all metrics with all their digits) and scores.csv (file,
label, score; files are named relative to the data set's folder, label 1 is a
defect). With --maps also the anomaly maps [images, height, width] in the order
of scores.csv, for numpy.load: so anyone can check the numbers.

Metrics are exact: every distinct score is a threshold. Pixel metrics are taken
over all pixels of all test images together, good ones included. AU-PRO follows
MVTec's definition, up to a false-positive rate of 0.3 and of 0.05; average
precision by instance follows DeSTSeg's. A metric that the test set does not
define is null, with the reason.

Missed defects and false alarms are counted at the run's threshold (or another
one: --threshold, --false-alarms), with 95 % intervals: Clopper and Pearson's
of the rates, Newcombe's of the image AUROC. A detector that these images do not
show to be better than chance, or that finds nothing, is called so.

Cost is that of this machine, busy as it is. Memory is the most that this
process had resident until the last image was judged: the engine, the test
images and their maps included, a GPU's own memory not. The model's size is
without the teacher, which many runs share.

Examples:
  stfpm evaluate runs/bottle-b1
  stfpm evaluate runs/bottle-b1 --maps maps.npy
  stfpm evaluate runs/bottle-b1 --json | jq .metrics.pixel.auroc`;

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description("measure a run's detector on the test images of its category")
    .argument('<run>', 'the run folder')
    .option('--data <folder>', 'data set (default: where the run was trained, else MVTEC_AD_ROOT)')
    .option('-c, --category <name>', "the category's name there, if it is another one now")
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .addOption(roiOption())
    .addOption(runtimeOption('tensorflow'));
  addThresholdOptions(command)
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option(
      '-o, --out <folder>',
      'where evaluation.json and scores.csv go (default: the run folder)',
    )
    .option('--maps <file.npy>', 'write the raw anomaly maps too, as float32')
    .option('--result <file.json>', 'write a record of the finished run too, without any paths')
    .addOption(new Option('--preset <name>', 'its experiment, for --result').hideHelp())
    .option('--json', 'print the report as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(evaluate);
}

/** The options of `stfpm evaluate`. */
export interface EvaluateOptions extends ThresholdOptions {
  runtime?: Runtime;
  data?: string;
  category?: string;
  weights?: string;
  roi?: string;
  strict?: boolean;
  json?: boolean;
  maps?: string;
  out?: string;
  result?: string;
  /** The experiment that the run belongs to, for its record. */
  preset?: string;
}

/** `stfpm evaluate` */
async function evaluate(folder: string, options: EvaluateOptions): Promise<void> {
  if (options.maps) requireMaps(folder, '--maps');
  const files = reportFiles(options.out ?? requireRun(folder).folder);
  const others = [options.maps, options.result].filter((file) => file !== undefined);
  for (const file of [files.report, files.scores, ...others]) requireWritable(file);
  const evaluated = await evaluateRun(folder, {
    ...options,
    categoryThere: options.category,
    threshold: options,
  });
  const report = evaluationReport(evaluated);
  const written = await writeFiles(evaluated, report, options);
  if (options.json) {
    process.stdout.write(formatMetricsJson(report));
  } else {
    print(asText(evaluated, report));
    tellThreshold(evaluated.threshold);
  }
  for (const remark of report.remarks) warn(remark);
  say(`Written: ${written.map((file) => path.relative('.', file) || file).join(', ')}`);
}

const reportFiles = (folder: string) => ({
  report: path.join(folder, 'evaluation.json'),
  scores: path.join(folder, 'scores.csv'),
});

async function writeFiles(
  { dataset, evaluation, run, ...evaluated }: EvaluatedRun,
  report: EvaluationReport,
  { out, maps, result, preset }: EvaluateOptions,
): Promise<string[]> {
  const files = reportFiles(out ?? run.folder);
  const written = [files.report, files.scores];
  // First, since it may be refused.
  if (result) {
    const { peakMemoryBytes } = evaluation;
    const all = { dataset, evaluation, run, ...evaluated };
    const record = resultRecord(all, { preset, peakMemoryBytes });
    await writeMetricsJson(result, record);
    written.push(result);
  }
  await writeMetricsJson(files.report, report);
  const results = evaluation.results.map((image) => ({
    ...image,
    file: pathInDataset(dataset.root, image.file),
  }));
  await writeScoresCsv(files.scores, results);
  if (maps) {
    await writeNpyMaps(maps, evaluation.detections.map(mapOf), evaluation.images);
    written.push(maps);
  }
  return written;
}

/** The method, and where its model comes from. */
function madeBy(config: DetectorConfig, modelEpoch: number | null): string {
  if (!('protocol' in config)) return methodName(config);
  return `protocol ${config.protocol}, model of epoch ${modelEpoch ?? '?'}`;
}

function asText(
  { config, dataset, datasetName, evaluation }: EvaluatedRun,
  { run, modelEpoch, metrics, scores, cost, operatingPoint: point, ...report }: EvaluationReport,
): string {
  const { images, defectImages } = metrics.counts;
  const imagesOf = new Map<string, number>();
  for (const { defect } of evaluation.results)
    imagesOf.set(defect, (imagesOf.get(defect) ?? 0) + 1);
  const lines = [
    `${run}: ${madeBy(config.config, modelEpoch)}`,
    `${dataset.category} (${datasetName}): ${images - defectImages} good and ${defectImages} defect ` +
      `images at ${inFrame(config.config)}`,
    ...(config.teacher.kind === 'none' ? [] : [`teacher: ${describeTeacher(config.teacher)}`]),
    '',
    metricsText(metrics, imagesOf),
  ];
  if (scores.good && scores.defect) {
    const between = ({ min, max }: { min: number; max: number }) =>
      `${min.toPrecision(3)} to ${max.toPrecision(3)}`;
    lines.push(
      '',
      `Scores: good images ${between(scores.good)}, defect images ${between(scores.defect)}`,
    );
  }
  const groups = (['good', 'defect'] as const)
    .map((name, label) => ({
      name: name as string,
      scores: evaluation.results.filter((image) => image.label === label).map(({ score }) => score),
    }))
    .filter(({ scores }) => scores.length > 0);
  lines.push('', histogramText(groups, point?.threshold ?? null));
  if (report.imageAurocInterval) {
    const [low, high] = report.imageAurocInterval.map((value) => value.toFixed(3));
    lines.push('', `Image AUROC: 95 % interval ${low} to ${high}, from the numbers of images`);
  }
  if (point) lines.push('', operatingPointText(point));
  lines.push('', costInWords(cost));
  return lines.join('\n');
}

/** What the threshold does on the test images. */
function operatingPointText({
  threshold,
  falseAlarms,
  missed,
  missedByDefect,
}: OperatingPoint): string {
  const kinds = Object.entries(missedByDefect);
  return [
    `At the threshold ${threshold.toPrecision(4)}, on these test images:`,
    ...(falseAlarms ? [`  false alarms  ${mistakesInWords(falseAlarms)}`] : []),
    ...(missed ? [`  missed        ${mistakesInWords(missed)}`] : []),
    ...(kinds.length > 1
      ? kinds.map(([kind, each]) => `    ${printable(kind)}: ${mistakesInWords(each)}`)
      : []),
  ].join('\n');
}

function costInWords(cost: Cost): string {
  const { trainingSeconds, secondsPerImage, modelBytes, peakMemoryBytes } = cost;
  const megabytes = (bytes: number, digits: number) => `${(bytes / 1e6).toFixed(digits)} MB`;
  return [
    `Cost: ${(1000 * secondsPerImage).toFixed(0)} ms an image`,
    `a model of ${megabytes(modelBytes, 1)}`,
    `${megabytes(peakMemoryBytes, 0)} of memory at most`,
    ...(trainingSeconds === null ? [] : [`${duration(trainingSeconds)} to learn`]),
  ].join(', ');
}
