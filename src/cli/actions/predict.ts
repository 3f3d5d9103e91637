import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import type { EvaluationReport } from '../evaluation-report';
import { requireRun } from '../find-run';
import { interruptible } from '../interruption';
import { openProgress } from '../progress';
import { complain, print, say } from '../say';
import { UsageError } from '../usage-error';
import { imagesToJudge } from '../images-to-judge';
import { teacherFile } from '../teacher-file';
import { readRunConfig } from '../../lib/training/run-config';
import { loadDetector } from '../../lib/training/load-detector';
import { judgeImages } from '../judge-images';
import { blend } from '../../viz/image/overlay';
import { writePng } from '../write-png';
import { formatCsv } from '../../lib/evaluation/csv';
import { default: writeFileAtomic } from 'write-file-atomic';
import { writeNpyMaps } from '../../lib/evaluation/npy';

interface PredictCommandOptions {
  weights?: string;
  json?: boolean;
  out?: string;
  overlays?: boolean;
  maps?: string;
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
  const weights = teacherFile(readRunConfig(requireRun(folder)), options.weights);
  const { config, detector, modelEpoch, dispose } = loadDetector(folder, weights);
  const { imageSize, resizeFilter } = config.config;
  const run = path.basename(path.resolve(folder));
  const predictions: Predictions = { run, modelEpoch, images: [], failed: [] };
  const maps: Float32Array[] = [];
  const overlay = options.overlays ? await overlayWriter(options.out ?? '.', report) : null;
  const progress = openProgress();
  try {
    await interruptible(async (signal) => {
      let done = 0;
      const name = 'Judging images';
      progress.update({ name, done, total: images.length });
      const judgements = judgeImages(detector, images, { imageSize, resizeFilter, signal });
      for await (const judgement of judgements) {
        const file = judgement.image.name;
        if ('error' in judgement) {
          predictions.failed.push({ file, error: judgement.error.message });
        } else {
          predictions.images.push({ file, score: judgement.score });
          if (options.maps) maps.push(judgement.map);
          await overlay?.(file, judgement.picture, judgement.map);
        }
        progress.update({ name, done: ++done, total: images.length });
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
    fs.mkdirSync(options.out, { recursive: true });
    const file = path.join(options.out, 'scores.csv');
    const rows = images.map((image) => [image.file, image.score]);
    await writeFileAtomic(file, formatCsv([['file', 'score'], ...rows]));
    written.push(file);
  }
  if (options.maps) {
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
