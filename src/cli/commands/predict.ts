import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import type { EvaluationReport } from '../evaluation-report';
import { requireRun } from '../find-run';
import { interruptible } from '../interruption';
import { openProgress } from '../progress';
import { complain, print, say } from '../say';
import { UsageError } from '../usage-error';

interface PredictCommandOptions {
  weights?: string;
  json?: boolean;
  out?: string;
  overlays?: boolean;
  maps?: string;
}

const MORE = `
The score is the largest value of the image's anomaly map: the higher, the more unlike the good
images of the training. What is high depends on the run: once it has been evaluated, its test images'
scores are told beside. An image that cannot be read is named at the end, and the exit code is 1.

Overlays show the map over the image (at the size that the detector sees it), on one scale for all
if the run has been evaluated: what a good test image shows stays faint.

Examples:
  stfpm predict runs/bottle-b1 photo.png
  stfpm predict runs/bottle-b1 photos/ --out judged --overlays
  stfpm predict runs/bottle-b1 photos/ --json | jq '.images[] | select(.score > 0.01).file'`;

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description('score your own images')
    .argument('<run>', 'the run folder')
    .argument('<images...>', 'image files, or folders of images')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('-o, --out <folder>', 'write scores.csv there (file, score)')
    .option(
      '--overlays',
      'write the anomaly maps over the images too, as PNG, to overlays/ in --out',
    )
    .option('--maps <file.npy>', 'write the raw anomaly maps, as float32 [images, height, width]')
    .option('--json', 'print the scores as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(predictCommand);
}

/** What is printed as JSON. */
interface Predictions {
  run: string;
  modelEpoch: number | null;
  images: { file: string; score: number }[];
  /** Images that could not be read. */
  failed: { file: string; error: string }[];
}

async function predictCommand(
  folder: string,
  paths: string[],
  options: PredictCommandOptions,
): Promise<void> {
  if (options.overlays && !options.out) {
    throw new UsageError('--overlays needs --out, to know where to write them.');
  }
  requireRun(folder);
  const { imagesToJudge } = await import('../images-to-judge');
  const images = imagesToJudge(paths);
  const report = readReport(folder);
  const { predictions, maps, overlays } = await predict(folder, images, options, report);
  const written = await writeFiles(predictions, maps, options);
  if (overlays > 0) written.push(path.join(options.out ?? '', 'overlays'));

  if (options.json) {
    print(JSON.stringify(predictions, null, 2));
  } else {
    for (const { file, score } of predictions.images) print(`${score.toPrecision(4)}  ${file}`);
    tellScale(report, overlays > 0);
  }
  if (written.length > 0) say(`Written: ${written.join(', ')}`);
  const { failed } = predictions;
  for (const { error } of failed) complain(error);
  if (failed.length > 0) {
    throw new Error(`${failed.length} of ${images.length} images could not be read.`);
  }
}

async function predict(
  folder: string,
  images: readonly { name: string; file: string }[],
  options: PredictCommandOptions,
  report: EvaluationReport | null,
) {
  const { teacherFile } = await import('../teacher-file');
  const { readRunConfig } = await import('../../lib/training/run-config');
  const { loadDetector } = await import('../../lib/training/load-detector');
  const { judgeImages } = await import('../judge-images');
  const file = teacherFile(readRunConfig(requireRun(folder)), options.weights);
  const { config, detector, modelEpoch, dispose } = loadDetector(folder, file);
  const { imageSize, resizeFilter } = config.config;
  const run = path.basename(path.resolve(folder));
  const predictions: Predictions = { run, modelEpoch, images: [], failed: [] };
  const maps: Float32Array[] = [];
  const overlay = options.overlays ? await overlayWriter(options.out ?? '.', report) : null;
  const progress = openProgress();
  try {
    await interruptible(async (signal) => {
      let done = 0;
      const judgements = judgeImages(detector, images, { imageSize, resizeFilter, signal });
      for await (const judgement of judgements) {
        const { name } = judgement.image;
        if ('error' in judgement) {
          predictions.failed.push({ file: name, error: judgement.error.message });
        } else {
          predictions.images.push({ file: name, score: judgement.score });
          if (options.maps) maps.push(judgement.map);
          await overlay?.(name, judgement.picture, judgement.map);
        }
        progress.update({ name: 'Judging images', done: ++done, total: images.length });
      }
    });
  } finally {
    progress.stop();
    dispose();
  }
  const overlays = overlay ? predictions.images.length : 0;
  return { predictions, maps: { list: maps, imageSize }, overlays };
}

/** The run's evaluation, if there is one. */
function readReport(folder: string): EvaluationReport | null {
  const file = path.join(folder, 'evaluation.json');
  if (!fs.existsSync(file)) return null;
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as EvaluationReport;
  } catch {
    return null; // only for comparison
  }
}

async function overlayWriter(out: string, report: EvaluationReport | null) {
  const { blend } = await import('../../viz/image/overlay');
  const { writePng } = await import('../write-png');
  const used = new Set<string>();
  // Twice what good images show, so that they are faint and defects are not all alike.
  const limit = report?.normalMapLevel ? 2 * report.normalMapLevel : undefined;
  const range = limit === undefined ? undefined : { lo: 0, hi: limit };
  return async (name: string, picture: Parameters<typeof blend>[0], map: Float32Array) => {
    const { name: stem } = path.parse(name);
    let unique = stem;
    for (let i = 2; used.has(unique); i++) unique = `${stem}-${i}`;
    used.add(unique);
    await writePng(path.join(out, 'overlays', `${unique}.png`), blend(picture, map, { range }));
  };
}

async function writeFiles(
  { images }: Predictions,
  maps: { list: Float32Array[]; imageSize: number },
  options: PredictCommandOptions,
): Promise<string[]> {
  const written: string[] = [];
  if (options.out) {
    const { formatCsv } = await import('../../lib/evaluation/csv');
    const { default: writeFileAtomic } = await import('write-file-atomic');
    fs.mkdirSync(options.out, { recursive: true });
    const file = path.join(options.out, 'scores.csv');
    const rows = images.map((image) => [image.file, image.score]);
    await writeFileAtomic(file, formatCsv([['file', 'score'], ...rows]));
    written.push(file);
  }
  if (options.maps) {
    const { writeNpyMaps } = await import('../../lib/evaluation/npy');
    fs.mkdirSync(path.dirname(path.resolve(options.maps)), { recursive: true });
    await writeNpyMaps(options.maps, maps.list, maps.imageSize, maps.imageSize);
    written.push(options.maps);
  }
  return written;
}

function tellScale(report: EvaluationReport | null, withOverlays: boolean): void {
  if (report?.scores.good && report.scores.defect) {
    const { good, defect } = report.scores;
    const inWords = ({ min, median, max }: typeof good) =>
      `${min.toPrecision(3)} to ${max.toPrecision(3)} (median ${median.toPrecision(3)})`;
    say(`For comparison, test images: good ${inWords(good)}, defect ${inWords(defect)}`);
  } else {
    const overlays = withOverlays ? ' Each overlay has a scale of its own.' : '';
    say(`What is a high score here? \`stfpm evaluate\` tells.${overlays}`);
  }
}
