import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { listNames } from '../../lib/data/folder';
import { isSameRegion, regionInWords } from '../../lib/data/region-of-interest';
import { isSharedRegion, readSharedRegion } from '../../lib/data/regions-of-pictures';
import { openNpyMaps } from '../../lib/evaluation/npy';
import { FileError } from '../../lib/files/file-error';
import { printable } from '../../lib/text/printable';
import { imagesToJudge, judgeImages, RegionFolder } from '../inputs/images-to-judge';
import type { ImageToJudge } from '../inputs/images-to-judge';
import { sayTeacher } from '../inputs/teacher';
import { watchFolders } from '../inputs/watch-folders';
import { roiOption, runtimeOption, UsageError } from '../options';
import type { Runtime } from '../options';
import type { EvaluationReport } from '../runs/evaluate-run';
import { requireMaps, requireRun } from '../runs/find-run';
import { commonFolder, judgedBefore, requireWritableFolder } from '../runs/judgement-files';
import { beginJudging, counted } from '../runs/judging';
import type { Judging, JudgingOptions } from '../runs/judging';
import { isExported, openPredictor } from '../runs/open-predictor';
import type { Predictor } from '../runs/open-predictor';
import { addThresholdOptions } from '../runs/threshold-choice';
import { ExitCode, Interrupted, interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import type { Progress } from '../terminal/progress';
import { Outcome } from '../terminal/report-error';
import { say, warn } from '../terminal/say';
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
export interface PredictOptions extends JudgingOptions {
  weights?: string;
  roi?: string;
  runtime: Runtime;
  maps?: string;
}

/** `stfpm predict` */
async function predict(source: string, paths: string[], options: PredictOptions): Promise<void> {
  checkOptions(source, paths, options);
  const { images, passedOver } = imagesToJudge(paths, options.out);
  if (!options.watch) requireImages(paths, images, passedOver);
  if (options.out !== undefined) {
    for (const folder of outputFolders(options.out, options)) requireWritableFolder(folder);
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

function tellScale(report: EvaluationReport | null): void {
  if (!report?.scores?.good || !report.scores.defect) return;
  const { good, defect } = report.scores;
  const inWords = ({ min, median, max }: typeof good) =>
    `${min.toPrecision(3)} to ${max.toPrecision(3)} (median ${median.toPrecision(3)})`;
  say(`For comparison, test images: good ${inWords(good)}, defect ${inWords(defect)}`);
}
