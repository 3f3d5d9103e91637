import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { largestCounted } from '../../lib/anomaly-map/anomaly-map';
import { mapOf } from '../../lib/anomaly-map/detect';
import { foundRegions } from '../../lib/anomaly-map/found-regions';
import { isDefective } from '../../lib/anomaly-map/threshold';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import { listNames } from '../../lib/data/folder';
import { isSameRegion, regionInWords } from '../../lib/data/region-of-interest';
import { isSharedRegion, readSharedRegion } from '../../lib/data/regions-of-pictures';
import { openNpyMaps } from '../../lib/evaluation/npy';
import type { NpyMapsWriter } from '../../lib/evaluation/npy';
import { FileError } from '../../lib/files/file-error';
import { printable } from '../../lib/text/printable';
import type * as DrawOutline from '../../viz/image/draw-outline';
import type * as Overlay from '../../viz/image/overlay';
import { minMaxRange } from '../../viz/scale/scale';
import type { Range } from '../../viz/scale/scale';
import { imagesToJudge, judgeImages, RegionFolder } from '../inputs/images-to-judge';
import type { ImageToJudge, Judgement } from '../inputs/images-to-judge';
import { sayTeacher } from '../inputs/teacher';
import { watchFolders } from '../inputs/watch-folders';
import type { FileVersion } from '../inputs/watch-folders';
import { roiOption, runtimeOption, UsageError } from '../options';
import type { Runtime } from '../options';
import type { EvaluationReport } from '../runs/evaluate-run';
import { requireMaps, requireRun } from '../runs/find-run';
import {
  commonFolder,
  judgedBefore,
  JudgementFiles,
  requireWritable,
} from '../runs/judgement-files';
import type { ImageRecord } from '../runs/judgement-files';
import { isExported, openPredictor } from '../runs/open-predictor';
import type { Predictor } from '../runs/open-predictor';
import {
  addThresholdOptions,
  chosenThreshold,
  tellThreshold,
  thresholdRecord,
} from '../runs/threshold-choice';
import type { ThresholdOptions } from '../runs/threshold-choice';
import { ExitCode, Interrupted, interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import type { Progress } from '../terminal/progress';
import { Outcome } from '../terminal/report-error';
import { complain, print, say, warn } from '../terminal/say';
import { histogramText } from '../terminal/score-histogram';

const MORE = `
The higher an image's score, the more unlike the good train images it is; of
STFPM it is the largest value of its anomaly map. An image whose score is above
the threshold is called defective. The threshold is set at the end of training
from good images, and what it can promise is said with it; --false-alarms sets
another one from the same images, --threshold names one, and \`stfpm threshold\`
stores one with the run.

Folders are read with all folders in them. Every picture is judged, or named
with the reason why it is not, and the exit code is then 5; files that are no
pictures are counted and named.

--out writes, as results come, so that Ctrl-C or a full disk keeps them:
  scores.csv       file, score, score over threshold, verdict, number of
                   regions, names of overlay and mask, error; a name that a
                   spreadsheet would run as a formula begins with '
  judgements.jsonl the same as JSON, a line an image, with the regions where
                   the map is above the pixel threshold: box [x, y, width,
                   height], area, contours (closed polygons, holes last), in
                   pixels of the picture, and the map's peak in it
  overlays/        with --overlays: the map over the image with the contour, at
                   the size that the detector sees, or at the picture's own if
                   that is no square, is padded, cropped or tiled; one scale for
                   all where the run has a threshold or has been evaluated
  masks/           with --masks: where a defect was found, white, at the
                   picture's own size
Overlays and masks keep the folders of their images. What was not looked at
(train --fit crop), and what lies outside the region of interest, is grey in
overlays and NaN in maps; the former is said too.

A region of interest for all pictures is part of the detector (train --roi), and
pictures of another size than it are named, not judged. Where each picture has
its own, --roi names the folder of them.

--json prints the lines of judgements.jsonl as they come: the first one
describes the run ("type": "run"), then one for each image ("image"), the last
counts them ("summary").

--watch judges what is in a folder and what a camera drops there, once a file
is whole, until Ctrl-C. With --out, results are added to those that are there,
and what they have judged is not judged again.

Exit codes: 0 every image was judged (and, with --fail-on-defect, all are
good); 4 with --fail-on-defect: one is defective; 5 one could not be judged.

ONNX Runtime computes the detector unless --runtime says otherwise: it is ready
in a fraction of the time that TensorFlow takes to load, and scores agree to
four digits or more.

Examples:
  stfpm predict runs/bottle-b1 photo.png
  stfpm predict runs/bottle-b1 photos/ --out judged --overlays --masks
  stfpm predict bottle.onnx photos/ --false-alarms 1/200
  stfpm predict bottle.onnx --watch camera/ --out judged
  stfpm predict bottle.onnx part.png --fail-on-defect && echo good
  stfpm predict runs/bottle-b1 photos/ --json | jq 'select(.score > 1)'`;

export function addPredictCommand(program: Command): void {
  const command = program
    .command('predict')
    .description('score your own images')
    .argument('<run>', 'the run folder, or a file that `stfpm export` wrote')
    .argument('<images...>', 'image files, or folders of images')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .addOption(roiOption())
    .option('--watch', 'go on with what arrives in the folders, until Ctrl-C');
  addThresholdOptions(command)
    .option('-o, --out <folder>', 'write scores.csv and judgements.jsonl there, as results come')
    .option('--overlays', 'write the anomaly maps over the images too, as PNG, in --out')
    .option('--masks', 'write where defects are found too, as PNG, in --out')
    .option('--maps <file.npy>', 'write the raw anomaly maps, as float32 [images, height, width]')
    .option('--fail-on-defect', 'exit code 4 if an image is called defective')
    .addOption(runtimeOption('onnx'))
    .option('--json', 'print the results as JSON, a line each, and nothing else')
    .addHelpText('after', MORE)
    .action(predict);
}

/** The options of `stfpm predict`. */
export interface PredictOptions extends ThresholdOptions {
  weights?: string;
  roi?: string;
  runtime: Runtime;
  watch?: boolean;
  json?: boolean;
  out?: string;
  overlays?: boolean;
  masks?: boolean;
  maps?: string;
  failOnDefect?: boolean;
}

/** `stfpm predict` */
async function predict(source: string, paths: string[], options: PredictOptions): Promise<void> {
  checkOptions(source, paths, options);
  const { images, passedOver } = imagesToJudge(paths, options.out);
  if (!options.watch) requireImages(paths, images, passedOver);
  if (options.out !== undefined) {
    for (const folder of outputFolders(options.out, options)) requireWritable(folder);
  }
  const maps = options.maps === undefined ? null : openNpyMaps(options.maps);
  try {
    const opened = await openPredictor(source, options);
    let judging: Judging;
    try {
      const { predictor, regions } = await withinRegion(opened, paths, options.roi);
      sayTeacher(predictor.teacher);
      judging = { ...beginJudging(predictor, paths, maps, options), regions };
      await interruptible((signal) =>
        options.watch
          ? judgeArriving(judging, paths, options, signal)
          : judgeAll(judging, images, passedOver, signal),
      ).finally(() => judging.end());
    } finally {
      await opened.detector.dispose();
    }
    maps?.close();
    finish(judging, options);
  } catch (error) {
    // What was judged before Ctrl-C is kept; whatever else failed may be the disk.
    if (error instanceof Interrupted) maps?.close();
    else if (!(error instanceof Outcome)) maps?.discard();
    throw error;
  }
}

/** A detector with the region of interest that is named, or with one for each image. */
async function withinRegion(
  predictor: Predictor,
  paths: readonly string[],
  roi: string | undefined,
): Promise<{ predictor: Predictor; regions?: RegionFolder }> {
  const { detector } = predictor;
  const { roi: ofDetector = null } = detector;
  if (roi === undefined) {
    if (ofDetector?.of !== 'each') return { predictor };
    throw new UsageError(
      `${predictor.name} learnt from pictures with a region of interest each (${ofDetector.name}): ` +
        'name a folder of those of these pictures with --roi.',
    );
  }
  if (!fs.existsSync(roi)) {
    throw new FileError(roi, 'a region of interest, or a folder of them', 'nothing');
  }
  if (!isSharedRegion(roi)) {
    if (ofDetector?.of !== 'each') warnOfOtherRegion(regionInWords(ofDetector));
    return { predictor, regions: new RegionFolder(path.resolve(roi), commonFolder(paths)) };
  }
  const region = await readSharedRegion(roi);
  if (!isSameRegion(region, ofDetector)) warnOfOtherRegion(regionInWords(ofDetector));
  return { predictor: { ...predictor, detector: { ...detector, roi: region } } };
}

function warnOfOtherRegion(inWords: string): void {
  warn(
    `the region of interest is not that of the detector (${inWords}), whose threshold was set within its own`,
  );
}

function checkOptions(source: string, paths: readonly string[], options: PredictOptions): void {
  const { out, overlays, masks, maps, watch, failOnDefect } = options;
  for (const [name, isAsked] of Object.entries({ overlays, masks })) {
    if (isAsked && out === undefined) {
      throw new UsageError(`--${name} needs --out, to know where to write them.`);
    }
  }
  if (watch && failOnDefect)
    throw new UsageError('--fail-on-defect: --watch does not end by itself.');
  if (watch && paths.some((name) => !fs.statSync(name, { throwIfNoEntry: false })?.isDirectory())) {
    throw new UsageError(`--watch needs folders, found ${listNames(paths.map(printable))}.`);
  }
  if (isExported(source)) return;
  requireRun(source);
  const asked = { '--overlays': overlays, '--masks': masks, '--maps': maps };
  const [first] = Object.entries(asked).filter(([, value]) => value);
  if (first) requireMaps(source, first[0]);
}

function requireImages(
  paths: readonly string[],
  images: readonly ImageToJudge[],
  passedOver: readonly string[],
): void {
  if (images.length > 0) return;
  const found = passedOver.length > 0 ? `${passedOver.length} other files` : 'an empty folder';
  throw new FileError(paths.join(', '), 'images', found);
}

function outputFolders(out: string, { overlays, masks }: PredictOptions): string[] {
  return [
    out,
    ...(overlays ? [path.join(out, 'overlays')] : []),
    ...(masks ? [path.join(out, 'masks')] : []),
  ];
}

/** What has been judged so far, and where it is written. */
interface Judging {
  predictor: Predictor;
  threshold: OperatingThreshold | null;
  report: EvaluationReport | null;
  files: JudgementFiles | null;
  /** Of the images, where each has one. */
  regions?: RegionFolder;
  scores: number[];
  /** Of those that were not looked at as a whole, the share of pixels that was not. */
  unseen: number[];
  counts: { judged: number; good: number; defect: number; notJudged: number; passedOver: number };
  add(judgement: Judgement): Promise<void>;
  /** Files that are no images. */
  passOver(names: readonly string[]): void;
  /** Of the images that there are, and even if not all were judged: counts them and closes the files. */
  end(): void;
}

function beginJudging(
  predictor: Predictor,
  paths: readonly string[],
  maps: NpyMapsWriter | null,
  options: PredictOptions,
): Judging {
  const { detector, name, modelEpoch, teacher } = predictor;
  const threshold = chosenThreshold(detector.threshold, options);
  if (options.failOnDefect && !threshold) {
    throw new UsageError('--fail-on-defect needs a threshold; --threshold names one.');
  }
  tellThreshold(threshold);
  const report = readReport(predictor);
  const { out, watch: append } = options;
  const files = out === undefined ? null : new JudgementFiles(out, commonFolder(paths), { append });
  const run = { type: 'run', run: name, modelEpoch, teacher: teacher.name };
  const scores: number[] = [];
  const unseen: number[] = [];
  const counts = { judged: 0, good: 0, defect: 0, notJudged: 0, passedOver: 0 };
  const tell = (record: object) => {
    files?.note(record);
    if (options.json) print(JSON.stringify(record));
  };
  const needsRegions = files !== null || options.json === true;
  const draw = options.overlays ? overlayOf(threshold, report) : null;
  tell({ ...run, threshold: thresholdRecord(threshold) });
  return {
    predictor,
    threshold,
    report,
    files,
    scores,
    unseen,
    counts,
    add: async (judgement) => {
      const { record, mask } = recordOf(judgement, threshold, needsRegions);
      if ('error' in judgement) {
        counts.notJudged++;
        complain(judgement.error.message);
      } else {
        counts.judged++;
        scores.push(judgement.score);
        if (judgement.unseen !== undefined) unseen.push(judgement.unseen);
        if (record.verdict === 'good' || record.verdict === 'defect') counts[record.verdict]++;
      }
      if (!options.json) printLine(record);
      try {
        await writeFiles(record, mask, judgement);
      } finally {
        // A full disk does not take the result from the screen.
        if (options.json) print(JSON.stringify(record));
      }
    },
    passOver: (names) => {
      if (names.length === 0) return;
      counts.passedOver += names.length;
      warn(`${counted(names.length, 'file')} passed over, being no pictures: ${listNames(names)}`);
      tell({ type: 'passed over', files: names });
    },
    end: () => {
      try {
        tell({ type: 'summary', ...counts });
      } finally {
        files?.close();
      }
    },
  };

  /** Adds the names of its pictures to the record. */
  async function writeFiles(record: ImageRecord, mask: Mask | null, judgement: Judgement) {
    if (!('error' in judgement)) {
      const { image, picture, map } = judgement;
      if (maps) maps.add(mapOf(judgement), picture);
      if (files && draw && map) {
        const pixel = pixelThreshold(threshold, judgement);
        record.overlay = await files.addOverlay(image, draw(picture, map, pixel));
      }
      if (files && options.masks && mask) {
        record.mask = await files.addMask(image, mask, picture.original);
      }
    }
    files?.add(record);
  }
}

/**
 * The one that was set; where the threshold is older than such, that of images, if the score is the map's highest value.
 */
function pixelThreshold(
  threshold: OperatingThreshold | null,
  { score, map }: { score: number; map: Float32Array | null },
): number | undefined {
  if (!map || !threshold) return undefined;
  return threshold.pixel ?? (score === largestCounted(map) ? threshold.value : undefined);
}

function recordOf(
  judgement: Judgement,
  threshold: OperatingThreshold | null,
  needsRegions: boolean,
): { record: ImageRecord; mask: Mask | null } {
  const { name, size, modified } = judgement.image as ImageToJudge & Partial<FileVersion>;
  const version = {
    ...(size !== undefined && { size }),
    ...(modified !== undefined && { modified }),
  };
  const named = { type: 'image' as const, file: name, ...version };
  if ('error' in judgement) {
    const { message } = judgement.error;
    return { record: { ...named, verdict: 'not judged', error: message }, mask: null };
  }
  const { score, map, picture, unseen } = judgement;
  const { original } = picture;
  const partly = unseen === undefined ? {} : { unseen };
  if (!threshold) return { record: { ...named, score, picture: original, ...partly }, mask: null };
  const { value } = threshold;
  const pixel = pixelThreshold(threshold, judgement);
  const found =
    needsRegions && map && pixel !== undefined ? foundRegions(map, picture, original, pixel) : null;
  return {
    record: {
      ...named,
      score,
      ...(value > 0 && { scoreOverThreshold: score / value }),
      verdict: isDefective(score, value) ? 'defect' : 'good',
      picture: original,
      ...partly,
      ...(found && { regions: found.regions }),
    },
    mask: found?.mask ?? null,
  };
}

function printLine({ file, score, verdict }: ImageRecord): void {
  if (score === undefined) print(`${'–'.padEnd(9)}  not judged  ${printable(file)}`);
  else {
    const called = verdict === undefined ? [] : [verdict.padEnd(10)];
    print([score.toPrecision(4).padEnd(9), ...called, printable(file)].join('  '));
  }
}

async function judgeAll(
  judging: Judging,
  images: readonly ImageToJudge[],
  passedOver: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  judging.passOver(passedOver);
  // Lines on the same screen are progress enough, and a bar would stand in their way.
  const progress: Pick<Progress, 'update' | 'stop'> = process.stdout.isTTY
    ? { update: () => {}, stop: () => {} }
    : openProgress();
  let done = 0;
  const show = () => progress.update({ name: 'Judging images', done, total: images.length });
  try {
    show();
    const { predictor, regions } = judging;
    for await (const judgement of judgeImages(predictor.detector, images, { signal, regions })) {
      await judging.add(judgement);
      done++;
      show();
    }
  } finally {
    progress.stop();
  }
}

async function judgeArriving(
  judging: Judging,
  folders: readonly string[],
  { out }: PredictOptions,
  signal: AbortSignal,
): Promise<void> {
  const known = out === undefined ? undefined : judgedBefore(out);
  const before = known && known.size > 0 ? `, without the ${known.size} judged before` : '';
  say(`Watching ${listNames(folders.map(printable))}${before}. Ctrl-C ends it.`);
  const { predictor, regions } = judging;
  for await (const { images, passedOver } of watchFolders(folders, {
    signal,
    except: out,
    known,
  })) {
    judging.passOver(passedOver);
    for await (const judgement of judgeImages(predictor.detector, images, { signal, regions })) {
      await judging.add(judgement);
    }
  }
}

function finish(
  { counts, scores, unseen, threshold, report, files }: Judging,
  options: PredictOptions,
): void {
  const { judged, good, defect, notJudged } = counts;
  const total = judged + notJudged;
  if (!options.json && scores.length > 1)
    say(`\n${histogramText([{ name: '', scores }], threshold?.value ?? null)}\n`);
  if (!options.json) tellScale(report);
  say(
    `${counted(total, 'image')}: ` +
      (threshold ? `${good} good, ${defect} defective` : `${judged} scored`) +
      (notJudged > 0 ? `, ${notJudged} not judged` : ''),
  );
  if (unseen.length > 0) {
    const most = (100 * Math.max(...unseen)).toPrecision(2);
    warn(
      `a part of ${counted(unseen.length, 'image')} was not looked at, up to ${most} % of the pixels: score and verdict ` +
        'do not speak of it',
    );
  }
  const written = [...(files?.names ?? []), ...(options.maps === undefined ? [] : [options.maps])];
  if (written.length > 0) say(`Written: ${written.join(', ')}`);
  if (notJudged > 0) {
    const message = `${notJudged} of ${total} images could not be judged.`;
    throw new Outcome(ExitCode.notJudged, message, true);
  }
  if (options.failOnDefect && defect > 0) {
    throw new Outcome(ExitCode.defect, `${counted(defect, 'image')} called defective.`, false);
  }
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * The evaluation of the run's model, if there is one; the run may have been trained on since.
 *
 * @throws FileError when the file is something else
 */
function readReport({ run, modelEpoch }: Predictor): EvaluationReport | null {
  if (!run || !fs.existsSync(run.file('evaluation.json'))) return null;
  const report = run.readJson('evaluation.json') as EvaluationReport | null;
  if (typeof report !== 'object' || report === null) {
    throw new FileError(
      run.file('evaluation.json'),
      'the report of `stfpm evaluate`',
      'other JSON',
    );
  }
  return report.modelEpoch === modelEpoch ? report : null;
}

/** The map over the image, with the contour of what is above the pixel threshold. */
function overlayOf(threshold: OperatingThreshold | null, report: EvaluationReport | null) {
  // Loaded here: the colours come with a whole charting library.
  const { blend } = require('../../viz/image/overlay') as typeof Overlay;
  const { drawOutline } = require('../../viz/image/draw-outline') as typeof DrawOutline;
  // Twice what good images show, so that they are faint and defects are not all alike.
  const normal = report?.normalMapLevel ?? threshold?.pixel;
  const range = normal && normal > 0 ? { lo: 0, hi: 2 * normal } : undefined;
  return (picture: RgbImage, map: Float32Array, pixel: number | undefined): RgbImage => {
    const overlay = inBands(picture, map, range ?? minMaxRange(map), blend);
    if (pixel === undefined) return overlay;
    const data = Uint8Array.from(map, (value) => +(value > pixel));
    return drawOutline(overlay, { width: picture.width, height: picture.height, data });
  };
}

/** Rows of an overlay that are coloured at once: the colours take more memory than the picture. */
const BAND = 256;

function inBands(
  { width, height, data }: RgbImage,
  map: Float32Array,
  range: Range,
  blend: typeof Overlay.blend,
): RgbImage {
  const overlay = new Uint8Array(data.length);
  for (let top = 0; top < height; top += BAND) {
    const rows = Math.min(BAND, height - top);
    const [start, end] = [top * width, (top + rows) * width];
    const part = { width, height: rows, data: data.subarray(3 * start, 3 * end) };
    overlay.set(blend(part, map.subarray(start, end), { range }).data, 3 * start);
  }
  return { width, height, data: overlay };
}

function tellScale(report: EvaluationReport | null): void {
  if (!report?.scores?.good || !report.scores.defect) return;
  const { good, defect } = report.scores;
  const inWords = ({ min, median, max }: typeof good) =>
    `${min.toPrecision(3)} to ${max.toPrecision(3)} (median ${median.toPrecision(3)})`;
  say(`For comparison, test images: good ${inWords(good)}, defect ${inWords(defect)}`);
}
