import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { whyNotPython } from '../../lib/onnx/python-runtime';
import { requireDetectorRun } from '../../lib/runs/open-run';
import type { DetectorRunConfig } from '../../lib/runs/open-run';
import type { RunFolder } from '../../lib/training/run-folder';
import { imagesToJudge, RegionFolder } from '../inputs/images-to-judge';
import type { ImageToJudge, RegionLookup } from '../inputs/images-to-judge';
import { teacherFile } from '../inputs/teacher';
import { roiOption, UsageError } from '../options';
import { PROJECT_ROOT } from '../project';
import { imagesOfRun, requireTestImages } from '../inputs/images';
import { pathInDataset } from '../runs/evaluate-run';
import { requireRun } from '../runs/find-run';
import { commonFolder } from '../runs/judgement-files';
import { isExported } from '../runs/open-predictor';
import { agrees, BOUND, verifyExport } from '../runs/verify-export';
import type { LargestDifference, Verification, VerifyOptions } from '../runs/verify-export';
import { interruptible } from '../terminal/interruption';
import { numberText } from '../terminal/metrics-text';
import { openProgress } from '../terminal/progress';
import { complain, print, say } from '../terminal/say';

const MORE = `
Judges the same pictures three times: the run by TensorFlow, the file by ONNX
Runtime in Node.js, and the file by ONNX Runtime in Python, where there is a
Python with the packages onnxruntime and numpy (--python, else the lab's own,
else python3). The table has the largest difference to the run: of scores as a
share of the score, of maps as a share of the map's largest value; and the
pictures whose verdict flips.

The settings in the file's metadata (size, filter, threshold, teacher, ...) are
compared with the run's too. The exit code is 1 when a setting differs, when a
score or a map differs by more than ${BOUND}, when a verdict flips, or when a
picture could not be judged. Of a page that \`stfpm export --html\` wrote, the
model inside and its settings are checked, without the browser.

Of a file that \`stfpm export --int8\` wrote, scores may differ by as much as it
was written to keep to (--max-change), maps by twice that; its threshold is its
own.

Examples:
  stfpm verify bottle.onnx runs/bottle-b1
  stfpm verify runs/bottle-b1                         # its model.onnx
  stfpm verify inspect.html runs/bottle-b1 --images photos/
  stfpm verify bottle.onnx runs/bottle-b1 --python ~/venv/bin/python --json`;

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check an exported file against the run that it came from')
    .argument('<model>', 'a file that `stfpm export` wrote, or the run folder that it lies in')
    .argument('[run]', 'the run folder (default: where the file lies)')
    .option('--images <paths...>', "pictures, or folders of pictures (default: the run's test set)")
    .option('--data <folder>', 'data set (default: where the run was trained, else MVTEC_AD_ROOT)')
    .addOption(roiOption())
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('--python <program>', 'a Python that has the package onnxruntime')
    .option('--json', 'print the table as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(verify);
}

/** The options of `stfpm verify`. */
export interface CommandOptions {
  images?: string[];
  data?: string;
  roi?: string;
  weights?: string;
  python?: string;
  json?: boolean;
}

/** `stfpm verify` */
async function verify(
  model: string,
  named: string | undefined,
  options: CommandOptions,
): Promise<void> {
  if (options.images && options.data)
    throw new UsageError('--images and --data exclude each other.');
  const file = isExported(model) ? model : path.join(model, 'model.onnx');
  if (!fs.existsSync(file)) {
    throw new Error(`${file}: expected a file that \`stfpm export\` wrote, found nothing.`);
  }
  const folder = named ?? path.dirname(file);
  if (named === undefined && !fs.existsSync(path.join(folder, 'config.json'))) {
    throw new UsageError(`Name the run that ${file} came from: \`stfpm verify ${file} RUN\`.`);
  }
  const run = requireRun(folder);
  const config = requireDetectorRun(run);
  const { images, regions } = await picturesOf(run, config, options);
  const python = findPython(options.python);
  const progress = openProgress();
  let found: Verification;
  try {
    found = await interruptible((signal) =>
      verifyExport(file, folder, images, {
        teacherFile: teacherFile(config, options.weights),
        python,
        regions,
        signal,
        onProgress: (done, total) => progress.update({ name: 'Judging images', done, total }),
      }),
    );
  } finally {
    progress.stop();
  }
  if (options.json) {
    print(JSON.stringify({ model: file, run: folder, ...found }, null, 2));
  } else {
    print(asText(found));
  }
  for (const { error } of found.failed) complain(error);
  const faults = faultsOf(found, images.length);
  if (options.python && 'missing' in python) faults.push(`Python was not tried: ${python.missing}`);
  if (faults.length > 0) {
    throw new Error(`${file} was not verified against ${folder}: ${faults.join('; ')}.`);
  }
  say(`${file} does what ${folder} does, within ${found.bound}.`);
}

async function picturesOf(
  run: RunFolder,
  config: DetectorRunConfig,
  { images, data, roi }: CommandOptions,
): Promise<{ images: ImageToJudge[]; regions?: RegionLookup }> {
  const { roi: ofRun } = config.config;
  if (roi !== undefined && ofRun?.of !== 'each') {
    throw new UsageError(
      '--roi: file and run have no region of interest for each picture, and bring their own.',
    );
  }
  if (images) {
    const found = imagesToJudge(images).images;
    if (ofRun?.of !== 'each') return { images: found };
    if (roi === undefined) {
      throw new UsageError(
        '--images: the run needs regions of interest of them; --roi names some.',
      );
    }
    const regions = new RegionFolder(path.resolve(roi), commonFolder(images));
    return { images: found, regions };
  }
  const dataset = await imagesOfRun(run, config, { data, roi });
  requireTestImages(dataset);
  const { root, test } = dataset;
  const regionOf = new Map(test.map(({ file, regionFile }) => [file, regionFile]));
  return {
    images: test.map(({ file }) => ({ name: pathInDataset(root, file), file })),
    ...(ofRun?.of === 'each' && {
      regions: { of: ({ file }: ImageToJudge) => regionOf.get(file)! },
    }),
  };
}

/** The one named, else the first that has ONNX Runtime. */
function findPython(named: string | undefined): VerifyOptions['python'] {
  const own = ['.venv', path.join('.cache', 'bench-peers')].map((venv) =>
    path.join(PROJECT_ROOT, venv, 'bin', 'python'),
  );
  const programs = named === undefined ? [...own.filter(fs.existsSync), 'python3'] : [named];
  const reasons: string[] = [];
  for (const program of programs) {
    const reason = whyNotPython(program);
    if (reason === null) return { program };
    reasons.push(`${program}: ${reason}`);
  }
  return { missing: reasons.at(-1) ?? '' };
}

/** A setting in so many characters that two can be compared. */
function shortly(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 120 ? `${text.slice(0, 120)} ...` : text;
}

const scientific = (value: number) => (value === 0 ? '0' : value.toExponential(1));

function asText({ bound, mapBound, identical, settings, reference, rows }: Verification): string {
  const largest = (difference: LargestDifference | null) =>
    difference === null
      ? '–'
      : Number.isFinite(difference.relative)
        ? scientific(difference.relative)
        : 'no number';
  const table = numberText(
    ['', 'images', 'score', 'map', 'verdicts flipped'],
    [
      [`the run: ${reference}`, `${rows[0].images}`, '', '', ''],
      ...rows.map(({ runtime, missing, images, score, map, flips }) =>
        missing === undefined
          ? [runtime, `${images}`, largest(score), largest(map), flips ? `${flips.length}` : '–']
          : [runtime, '–', '–', '–', '–'],
      ),
    ],
  );
  const lines = [table, '', 'score, map: the largest difference, as a share of the value'];
  for (const { runtime, missing } of rows)
    if (missing) lines.push(`${runtime}: not tried, ${missing} (--python names another)`);
  if (identical !== null) {
    lines.push(
      identical
        ? 'The file is, byte by byte, what `stfpm export` writes of the run.'
        : 'The file is not, byte by byte, what `stfpm export` writes of the run now.',
    );
  }
  for (const { setting, run, file } of settings) {
    lines.push(`${setting}: ${shortly(run)} in the run, ${shortly(file)} in the file`);
  }
  const tried = rows.filter(({ missing }) => missing === undefined);
  for (const { runtime, score, map, flips } of tried) {
    if (score.relative > bound) lines.push(`${runtime}: the score differs most in ${score.file}`);
    if (map && map.relative > mapBound)
      lines.push(`${runtime}: the map differs most in ${map.file}`);
    if (flips?.length) lines.push(`${runtime}: other verdicts on ${flips.join(', ')}`);
  }
  return lines.join('\n');
}

/** Why the file is not the run's detector, in few words; none where it is. */
function faultsOf(found: Verification, total: number): string[] {
  const { bound, mapBound, settings, rows, failed } = found;
  const faults: string[] = [];
  if (settings.length > 0) {
    faults.push(`it has another ${settings.map(({ setting }) => setting).join(', ')}`);
  }
  for (const row of rows.filter((row) => !agrees(row, found))) {
    const { runtime, score, map, flips } = row;
    const what = [
      ...(score.relative <= bound ? [] : ['scores']),
      ...(map === null || map.relative <= mapBound ? [] : ['maps']),
      ...(flips?.length ? [`${flips.length} verdicts`] : []),
    ];
    faults.push(`${runtime} has other ${what.join(' and ')}`);
  }
  if (failed.length > 0) faults.push(`${failed.length} of ${total} images could not be judged`);
  return faults;
}
