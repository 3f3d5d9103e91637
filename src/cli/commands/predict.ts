import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { mapOf } from '../../lib/anomaly-map/detect';
import { isDefective } from '../../lib/anomaly-map/threshold';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import type { RgbImage } from '../../lib/data/image';
import { formatCsv } from '../../lib/evaluation/csv';
import { writeNpyMaps } from '../../lib/evaluation/npy';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import type * as Overlay from '../../viz/image/overlay';
import { writePng } from '../figures/write-png';
import { imagesToJudge, judgeImages } from '../inputs/images-to-judge';
import type { ImageToJudge } from '../inputs/images-to-judge';
import { sayTeacher } from '../inputs/teacher';
import { runtimeOption, UsageError } from '../options';
import type { Runtime } from '../options';
import type { EvaluationReport } from '../runs/evaluate-run';
import { requireMaps } from '../runs/find-run';
import { isExported, openPredictor } from '../runs/open-predictor';
import type { Predictor } from '../runs/open-predictor';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import { complain, print, say } from '../terminal/say';

const MORE = `
The higher an image's score, the more unlike the good train images it is; of
STFPM it is the largest value of its anomaly map. What is high depends on the
run: once it has been evaluated, its test images' scores are shown for
comparison. An image that cannot be read, or whose map contains NaN, is named
at the end, and the exit code is 1.

An image whose score is above the run's threshold is called defective. The
threshold is set at the end of training, from normal images alone.

Overlays show the map over the image, at the size that the detector sees. Once
the run has been evaluated all have one scale: what a good test image shows
stays faint.

ONNX Runtime computes the detector unless --runtime says otherwise: it is ready
in a fraction of the time that TensorFlow takes to load, and scores agree to
four digits or more.

Examples:
  stfpm predict runs/bottle-b1 photo.png
  stfpm predict runs/bottle-b1 photos/ --out judged --overlays
  stfpm predict bottle.onnx photos/
  stfpm predict runs/bottle-b1 photos/ --json | jq '.images | max_by(.score)'`;

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description('score your own images')
    .argument('<run>', 'the run folder, or a file that `stfpm export` wrote')
    .argument('<images...>', 'image files, or folders of images')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('-o, --out <folder>', 'write scores.csv there (file, score)')
    .option(
      '--overlays',
      'write the anomaly maps over the images too, as PNG, to overlays/ in --out',
    )
    .option('--maps <file.npy>', 'write the raw anomaly maps, as float32 [images, height, width]')
    .addOption(runtimeOption('onnx'))
    .option('--json', 'print the scores as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(predict);
}

/** The options of `stfpm predict`. */
export interface PredictOptions {
  weights?: string;
  runtime: Runtime;
  json?: boolean;
  out?: string;
  overlays?: boolean;
  maps?: string;
}

/** What is printed as JSON. */
interface Predictions {
  /** The name of the run's folder, or of the exported file. */
  run: string;
  modelEpoch: number | null;
  /** Whose features the student learned. */
  teacher: string;
  /** An image whose score is above it is called defective; null for a run that is not finished. */
  threshold: OperatingThreshold | null;
  images: { file: string; score: number; verdict?: 'good' | 'defect' }[];
  /** Images that could not be read, or whose map contains NaN. */
  failed: { file: string; error: string }[];
}

/** `stfpm predict` */
async function predict(source: string, paths: string[], options: PredictOptions): Promise<void> {
  if (options.overlays && !options.out) {
    throw new UsageError('--overlays needs --out, to know where to write them.');
  }
  const asked = options.overlays ? '--overlays' : '--maps';
  if ((options.overlays || options.maps) && !isExported(source)) requireMaps(source, asked);
  const images = imagesToJudge(paths);
  const predictor = await openPredictor(source, options);
  sayTeacher(predictor.teacher);
  const report = readReport(predictor);
  const { predictions, maps, overlays } = await judge(predictor, images, options, report);
  const written = await writeFiles(predictions, maps, options);
  if (overlays > 0) written.push(path.join(options.out ?? '', 'overlays'));

  if (options.json) {
    print(JSON.stringify(predictions, null, 2));
  } else {
    for (const { file, score, verdict } of predictions.images) {
      print([score.toPrecision(4), ...(verdict ? [verdict.padEnd(6)] : []), file].join('  '));
    }
    if (predictions.threshold) tellThreshold(predictions.threshold);
    tellScale(report, overlays > 0);
  }
  if (written.length > 0) say(`Written: ${written.join(', ')}`);
  const { failed } = predictions;
  for (const { error } of failed) complain(error);
  if (failed.length > 0) {
    throw new Error(`${failed.length} of ${images.length} images could not be judged.`);
  }
}

async function judge(
  predictor: Predictor,
  images: readonly ImageToJudge[],
  options: PredictOptions,
  report: EvaluationReport | null,
) {
  const { name, modelEpoch, detector } = predictor;
  const { imageSize, threshold } = detector;
  const predictions: Predictions = {
    run: name,
    modelEpoch,
    teacher: predictor.teacher.name,
    threshold,
    images: [],
    failed: [],
  };
  const maps: Float32Array[] = [];
  const overlay = options.overlays ? overlayWriter(options.out ?? '.', report) : null;
  const progress = openProgress();
  try {
    await interruptible(async (signal) => {
      let done = 0;
      const show = () => progress.update({ name: 'Judging images', done, total: images.length });
      show();
      for await (const judgement of judgeImages(detector, images, { signal })) {
        const file = judgement.image.name;
        if ('error' in judgement) {
          predictions.failed.push({ file, error: judgement.error.message });
        } else {
          const { score } = judgement;
          const verdict = threshold && (isDefective(score, threshold.value) ? 'defect' : 'good');
          predictions.images.push({ file, score, ...(verdict && { verdict }) });
          if (options.maps) maps.push(mapOf(judgement));
          if (overlay) await overlay(file, judgement.picture, mapOf(judgement));
        }
        done++;
        show();
      }
    });
  } finally {
    progress.stop();
    await detector.dispose();
  }
  const overlays = overlay ? predictions.images.length : 0;
  return { predictions, maps: { list: maps, imageSize }, overlays };
}

/** The evaluation of the run's model, if there is one; the run may have been trained on since. */
function readReport({ run, modelEpoch }: Predictor): EvaluationReport | null {
  if (!run || !fs.existsSync(run.file('evaluation.json'))) return null;
  const report = run.readJson('evaluation.json') as EvaluationReport;
  return report.modelEpoch === modelEpoch ? report : null;
}

function overlayWriter(out: string, report: EvaluationReport | null) {
  // Loaded here: the colours come with a whole charting library.
  const { blend } = require('../../viz/image/overlay') as typeof Overlay;
  const used = new Set<string>();
  // Twice what good images show, so that they are faint and defects are not all alike.
  const limit = report?.normalMapLevel ? 2 * report.normalMapLevel : undefined;
  const range = limit === undefined ? undefined : { lo: 0, hi: limit };
  return async (name: string, picture: RgbImage, map: Float32Array) => {
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
  options: PredictOptions,
): Promise<string[]> {
  const written: string[] = [];
  if (options.out) {
    const file = path.join(options.out, 'scores.csv');
    const rows = images.map((image) => [image.file, image.score]);
    writeFileAtomic(file, formatCsv([['file', 'score'], ...rows]));
    written.push(file);
  }
  if (options.maps) {
    await writeNpyMaps(options.maps, maps.list, { height: maps.imageSize, width: maps.imageSize });
    written.push(options.maps);
  }
  return written;
}

function tellThreshold({ value, quantile, images, source }: OperatingThreshold): void {
  const share = `${100 * quantile} % of ${images} ${source} images`;
  say(
    `An image whose score is above ${value.toPrecision(4)} is called defective: ${share} do not score higher`,
  );
}

function tellScale(report: EvaluationReport | null, withOverlays: boolean): void {
  if (report?.scores.good && report.scores.defect) {
    const { good, defect } = report.scores;
    const inWords = ({ min, median, max }: typeof good) =>
      `${min.toPrecision(3)} to ${max.toPrecision(3)} (median ${median.toPrecision(3)})`;
    say(`For comparison, test images: good ${inWords(good)}, defect ${inWords(defect)}`);
  } else {
    const overlays = withOverlays ? ' Each overlay has its own scale.' : '';
    say(`\`stfpm evaluate\` shows what a high score is here.${overlays}`);
  }
}
