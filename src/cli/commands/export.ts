import * as path from 'path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { ProductResolution } from '../../lib/anomaly-map/anomaly-map';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import { percent } from '../../lib/anomaly-map/threshold-words';
import { requireWritable, writeFileAtomic } from '../../lib/files/atomic-write';
import { methodOf } from '../../lib/methods/index';
import { isStudent } from '../../lib/methods/student-teacher';
import { readDetectorMetadata } from '../../lib/onnx/metadata';
import { DEFAULT_MAX_CHANGE } from '../../lib/onnx/quantise';
import type { QuantisedDetector } from '../../lib/onnx/quantise';
import { exportRun } from '../../lib/runs/export-run';
import { requireDetectorRun } from '../../lib/runs/open-run';
import type { DetectorRunConfig } from '../../lib/runs/open-run';
import { goodPicturesOf, quantiseExport } from '../../lib/runs/quantise-run';
import type { GoodPictures } from '../../lib/runs/quantise-run';
import type { RunFolder } from '../../lib/training/run-folder';
import type * as InspectPage from '../../viz/inspect/inspect-page';
import { imagesOfRun } from '../inputs/images';
import { imagesToJudge } from '../inputs/images-to-judge';
import { teacherFile } from '../inputs/teacher';
import { finiteNumber, UsageError } from '../options';
import { requireRun } from '../runs/find-run';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import { say } from '../terminal/say';

const MORE = `
The file stands alone: teacher, student and auto-encoders, from decoded pixels
(input "images", uint8 [batch, height, width, 3], RGB) to "anomaly_map" and
"level_1" to "level_3" [batch, height, width] and "score" [batch], float32. Any
ONNX runtime runs it. Resizing images to the training's size is left to the
caller; the size, the filter and the operating threshold are in the file's
metadata, as JSON under "stfpm_detector". \`stfpm verify\` checks the file.

With --html the detector is written as a page instead: it opens in a browser
from disk, needs no network and nothing else, and judges the pictures that are
dropped on it, or the camera's. Its weights are stored in as many bits as keep
the page below 20 MB, 17 or more (a larger model's in 18). \`stfpm verify\` says
what that changes: less than a ten-thousandth wherever it was measured.

With --int8 the networks are computed in 8-bit integers: a quarter of the file,
1.4 to 1.9 times as fast where it was measured. The activations' ranges are
those of the run's held-out good pictures (or of --good), never of defects; the
threshold is set anew from the scores that the file gives them. How far these
are from float32's is printed and kept in the file. Where one changes by more
than --max-change, the layers that move scores most stay in float32.

Examples:
  stfpm export runs/bottle-b1 --out bottle.onnx
  stfpm export runs/bottle-b1 --int8 --out bottle-int8.onnx
  stfpm export runs/bottle-b1 --html inspect.html
  stfpm predict bottle.onnx photos/`;

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write a detector as one ONNX file, or as one HTML page')
    .argument('<run>', 'the run folder')
    .option('-o, --out <file.onnx>', 'where to write it (default: model.onnx in the run folder)')
    .option('--html <file.html>', 'write a page that judges pictures in a browser, in its place')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .addOption(
      new Option('--product <where>', 'where the level maps are multiplied')
        .choices(['image', 'level1'])
        .default('image'),
    )
    .option('--int8', 'compute the networks in 8-bit integers')
    .addOption(
      new Option(
        '--max-change <share>',
        'with --int8: the most that the score of a good picture may change',
      )
        .argParser(share)
        .default(DEFAULT_MAX_CHANGE),
    )
    .option('--good <path...>', "with --int8: good pictures in place of the run's held-out ones")
    .option('--data <folder>', 'with --int8: where the pictures of the run are now')
    .addHelpText('after', MORE)
    .action(exportCommand);
}

/** The options of `stfpm export`. */
export interface ExportOptions {
  out?: string;
  html?: string;
  weights?: string;
  product: ProductResolution;
  int8?: boolean;
  maxChange: number;
  good?: string[];
  data?: string;
}

function share(text: string): number {
  const value = finiteNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0, such as .1 for a tenth.');
}

/** `stfpm export` */
async function exportCommand(
  folder: string,
  options: ExportOptions,
  command: Command,
): Promise<void> {
  const run = requireRun(folder);
  const config = requireDetectorRun(run);
  if (options.product === 'level1' && !isStudent(config.config)) {
    throw new UsageError('--product goes with methods that multiply the maps of levels.');
  }
  if (options.html !== undefined && options.out !== undefined) {
    throw new UsageError('--html and --out exclude each other: export twice.');
  }
  if (!options.int8) {
    const useless = ['good', 'data', 'maxChange'].find(
      (name) => command.getOptionValueSource(name) === 'cli',
    );
    if (useless)
      throw new UsageError(
        `--${useless === 'maxChange' ? 'max-change' : useless} goes with --int8.`,
      );
  }
  if (options.good && options.data) throw new UsageError('--good and --data exclude each other.');
  const file = options.html ?? options.out ?? run.file('model.onnx');
  requireWritable(file);
  const teacher = teacherFile(config, options.weights);
  const inFloat = exportRun(folder, teacher, options.product);
  const model = options.int8 ? await inInt8(inFloat, run, config, options) : inFloat;
  let bytes = model;
  if (options.html !== undefined) {
    const { inspectPage } = require('../../viz/inspect/inspect-page') as typeof InspectPage;
    const { html, weightBits } = await inspectPage(model, {
      name: path.basename(path.resolve(folder)),
      method: methodOf(config.config).title,
      metadata: readDetectorMetadata(model, folder),
    });
    bytes = html;
    if (weightBits < 32) {
      say(
        `Its weights are stored in ${weightBits} bits; \`stfpm verify\` measures what that changes`,
      );
    }
  }
  writeFileAtomic(file, bytes);
  if (config.config.roi?.of === 'each') {
    say(
      'The run has one region of interest a picture, and those cannot travel in the file: `stfpm predict` wants ' +
        '--roi with a folder of them',
    );
  }
  if (options.product === 'level1') {
    say(
      "No threshold in the file: the run's was set from maps that are multiplied at the image size, where scores differ",
    );
  }
  if (options.int8) say(SPEED);
  say(`Written: ${file} (${(bytes.length / 1e6).toFixed(1)} MB)`);
}

/** Measured, see docs/export.md. */
const SPEED =
  'On a processor with AVX2 alone, expect 1.5 to 1.9 times the speed of float32 (with PatchCore 1.4); with VNNI it was not measured';

/** The file with its networks in integers; says how far it is from the one in float32. */
async function inInt8(
  model: Uint8Array,
  run: RunFolder,
  config: DetectorRunConfig,
  { good, data, maxChange }: ExportOptions,
): Promise<Uint8Array> {
  const pictures = good
    ? namedPictures(good)
    : goodPicturesOf(run, config, await imagesOfRun(run, config, { data }));
  const before = readDetectorMetadata(model, run.folder).threshold;
  const progress = openProgress();
  let result: QuantisedDetector;
  try {
    result = await interruptible((signal) =>
      quantiseExport(model, pictures, {
        maxChange,
        signal,
        onProgress: (name, done, total) => progress.update({ name, done, total }),
      }),
    );
  } finally {
    progress.stop();
  }
  for (const line of quantisationText(result, before)) say(line);
  return result.model;
}

/** @throws FileError for a path where nothing is, and for what is there and is no picture */
function namedPictures(paths: readonly string[]): GoodPictures {
  const { images } = imagesToJudge(paths);
  const broken = images.find(({ error }) => error);
  if (broken?.error) throw broken.error;
  if (images.length === 0) throw new Error(`${paths.join(', ')}: expected images, found none.`);
  return { pictures: images, source: 'given' };
}

/** What happened, a line each. */
function quantisationText(
  { quantisation, threshold, parts }: QuantisedDetector,
  before: OperatingThreshold | null,
): string[] {
  const { calibration, change, floatParts, maxChange } = quantisation;
  const { images, source } = calibration;
  const kind = {
    'held-out': 'held-out good pictures',
    train: 'good pictures that were trained on',
    given: 'good pictures',
  };
  const rank = change.rankCorrelation;
  const lines = [
    `Calibrated on ${images} ${kind[source]}`,
    `Against float32 their scores change by ${percent(change.mean)} on average and ${percent(change.largest)} at most; ` +
      `rank correlation ${rank === null ? 'not defined' : rank.toFixed(4)}` +
      (change.flips === null ? '' : `; ${change.flips} of ${threshold?.images} verdicts flip`),
    floatParts.length === 0
      ? `All ${parts} parts of the networks are in integers`
      : `${floatParts.length} of ${parts} parts of the networks stay in float32, for scores to change by no more than ` +
        `${percent(maxChange)}: ${floatParts.join(', ')}`,
  ];
  if (threshold && before) {
    lines.push(
      `Threshold, set anew: ${before.value.toPrecision(4)} was float32's, ${threshold.value.toPrecision(4)} is the file's`,
    );
  } else if (before) {
    lines.push(
      "No threshold in the file: the run's was not set by a rate of false alarms, and belongs to float32's scores",
    );
  }
  return lines;
}
