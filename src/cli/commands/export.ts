import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ProductResolution } from '../../lib/anomaly-map/anomaly-map';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { methodOf } from '../../lib/methods/index';
import { isStudent } from '../../lib/methods/student-teacher';
import { readDetectorMetadata } from '../../lib/onnx/metadata';
import { exportRun } from '../../lib/runs/export-run';
import { requireDetectorRun } from '../../lib/runs/open-run';
import type * as InspectPage from '../../viz/inspect/inspect-page';
import { teacherFile } from '../inputs/teacher';
import { UsageError } from '../options';
import { requireRun } from '../runs/find-run';
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

Examples:
  stfpm export runs/bottle-b1 --out bottle.onnx
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
    .addHelpText('after', MORE)
    .action(exportCommand);
}

/** The options of `stfpm export`. */
export interface ExportOptions {
  out?: string;
  html?: string;
  weights?: string;
  product: ProductResolution;
}

/** `stfpm export` */
async function exportCommand(folder: string, options: ExportOptions): Promise<void> {
  const run = requireRun(folder);
  const config = requireDetectorRun(run);
  if (options.product === 'level1' && !isStudent(config.config)) {
    throw new UsageError('--product goes with methods that multiply the maps of levels.');
  }
  if (options.html !== undefined && options.out !== undefined) {
    throw new UsageError('--html and --out exclude each other: export twice.');
  }
  const teacher = teacherFile(config, options.weights);
  const model = exportRun(folder, teacher, options.product);
  let [file, bytes] = [options.out ?? run.file('model.onnx'), model];
  if (options.html !== undefined) {
    const { inspectPage } = require('../../viz/inspect/inspect-page') as typeof InspectPage;
    const { html, weightBits } = await inspectPage(model, {
      name: path.basename(path.resolve(folder)),
      method: methodOf(config.config).title,
      metadata: readDetectorMetadata(model, folder),
    });
    [file, bytes] = [options.html, html];
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
  say(`Written: ${file} (${(bytes.length / 1e6).toFixed(1)} MB)`);
}
