import { Option } from 'commander';
import type { Command } from 'commander';
import type { ProductResolution } from '../../lib/anomaly-map/anomaly-map';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { isStudent } from '../../lib/methods/student-teacher';
import { exportRun } from '../../lib/runs/export-run';
import { requireDetectorRun } from '../../lib/runs/open-run';
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
metadata, as JSON under "stfpm_detector".

Examples:
  stfpm export runs/bottle-b1 --out bottle.onnx
  stfpm predict bottle.onnx photos/`;

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('write a detector as one ONNX file')
    .argument('<run>', 'the run folder')
    .option('-o, --out <file.onnx>', 'where to write it (default: model.onnx in the run folder)')
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
  const teacher = teacherFile(config, options.weights);
  const bytes = exportRun(folder, teacher, options.product);
  const file = options.out ?? run.file('model.onnx');
  writeFileAtomic(file, bytes);
  if (options.product === 'level1') {
    say(
      "No threshold in the file: the run's was set from maps that are multiplied at the image size, where scores differ",
    );
  }
  say(`Written: ${file} (${(bytes.length / 1e6).toFixed(1)} MB)`);
}
