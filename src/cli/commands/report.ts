import * as path from 'path';
import type { Command } from 'commander';
import { isSameRegion, regionInWords } from '../../lib/data/region-of-interest';
import { inFrame } from '../../lib/models/image-size';
import { requireWritable, writeFileAtomic } from '../../lib/files/atomic-write';
import { describeTeacher } from '../../lib/models/teacher';
import { requireDetectorRun } from '../../lib/runs/open-run';
import { epochsOf } from '../../lib/runs/run-config';
import { readImageRecord } from '../../lib/runs/image-record';
import type { RunFolder } from '../../lib/training/run-folder';
import { reportPage } from '../../viz/report/report-page';
import type { ReportRun, UsedPictures } from '../../viz/report/report-page';
import { findComparedRuns } from '../figures/paper-runs';
import { reportCharts } from '../figures/report-charts';
import { DEFAULT_CATEGORY, roiOption } from '../options';
import { evaluateRun } from '../runs/evaluate-run';
import type { EvaluatedRun } from '../runs/evaluate-run';
import { requireRun } from '../runs/find-run';
import { methodName } from '../runs/result-record';
import { print, say } from '../terminal/say';

const MORE = `
The page needs no other file and no network: settings, metrics, charts, and
every test image with its anomaly map, to sort, to filter, and to look at
closely. The runs must be of one category and one image size. A page with
pictures of MVTec AD is under its licence (CC BY-NC-SA 4.0).

Examples:
  stfpm report --category leather
  stfpm report runs/bottle
  stfpm report runs/baseline runs/joint --out reports/bottle.html
`;

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('write one HTML page on runs: metrics, charts, every test image with its map')
    .argument('[run...]', "run folders (default: the two that the paper's figures compare)")
    .option(
      '-c, --category <name>',
      `without runs: of this category (default: "${DEFAULT_CATEGORY}")`,
    )
    .option('--data <folder>', 'data set (default: where the runs were trained)')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .addOption(roiOption())
    .option('--strict', 'refuse a data set with oddities, such as defects without a mask')
    .option('-o, --out <file>', 'the page', 'reports/report.html')
    .addHelpText('after', MORE)
    .action(report);
}

/** The options of `stfpm report`. */
export interface ReportOptions {
  category?: string;
  data?: string;
  weights?: string;
  roi?: string;
  strict?: boolean;
  out: string;
}

/** `stfpm report`: runs on the same images, side by side on one page */
async function report(named: readonly string[], options: ReportOptions): Promise<void> {
  const folders = named.length > 0 ? named : comparedRuns(options);
  requireComparable(folders);
  const target = path.resolve(options.out);
  requireWritable(target);
  const runs: EvaluatedRun[] = [];
  for (const folder of folders) {
    say(`Run: ${folder}`);
    runs.push(await evaluateRun(folder, { ...options, levelMaps: true }));
  }
  requireSameImages(runs);
  requireSameRegions(runs);

  say('Drawing the page ...');
  const [{ dataset, datasetName }] = runs;
  const page = await reportPage(runs.map(reportRun), {
    dataset: datasetName,
    category: dataset.category,
    charts: await reportCharts(runs),
    notes: notes(runs),
  });
  writeFileAtomic(target, page);
  print(`${options.out}: ${(Buffer.byteLength(page) / 1e6).toFixed(1)} MB`);
}

/** Ours and STFPM, as in the paper's figures. */
function comparedRuns({ category = DEFAULT_CATEGORY }: ReportOptions): string[] {
  const { joint, baseline } = findComparedRuns(category, {});
  return [joint, baseline];
}

/** Before anything is computed: what the runs' configurations say. */
function requireComparable(folders: readonly string[]): void {
  const [first, ...others] = folders.map((folder) => ({
    folder,
    ...requireDetectorRun(requireRun(folder)).config,
  }));
  for (const { folder, category, ...config } of others) {
    if (category !== first.category) {
      throw new Error(
        `${folder}: expected a run on ${first.category} like ${first.folder}, found one on ${category}.`,
      );
    }
    if (inFrame(config) !== inFrame(first)) {
      throw new Error(
        `${folder}: expected images of ${inFrame(first)} like those of ${first.folder}, ` +
          `found ${inFrame(config)}.`,
      );
    }
  }
}

/** @throws Error for runs in which other parts of the images count */
function requireSameRegions([first, ...others]: readonly EvaluatedRun[]): void {
  const roiOf = ({ dataset, config }: EvaluatedRun) => dataset.roi ?? config.config.roi;
  for (const run of others) {
    if (isSameRegion(roiOf(run), roiOf(first))) continue;
    throw new Error(
      `${run.run.folder}: expected the region of interest of ${first.run.folder} ` +
        `(${regionInWords(roiOf(first))}), found another one (${regionInWords(roiOf(run))}). ` +
        'Name one for all runs with --roi.',
    );
  }
}

function requireSameImages([first, ...others]: readonly EvaluatedRun[]): void {
  const files = ({ evaluation }: EvaluatedRun) =>
    evaluation.samples.map(({ file }) => file).join('\n');
  for (const run of others) {
    if (files(run) === files(first)) continue;
    throw new Error(
      `${run.run.folder}: expected the test images of ${first.run.folder}, in ${first.dataset.root}, ` +
        `found others, in ${run.dataset.root}. Name one data set for all runs with --data.`,
    );
  }
}

/** Which picture was used for what, as the run has written it down. */
function picturesOf(run: RunFolder): UsedPictures[] | undefined {
  const record = readImageRecord(run);
  if (!record) return undefined;
  return (['train', 'held-out', 'test', 'unused'] as const)
    .map((role) => ({
      role,
      files: record.images.filter((image) => image.role === role).map(({ file }) => file),
    }))
    .filter(({ files }) => files.length > 0);
}

function reportRun({
  run: folder,
  name,
  evaluation,
  threshold,
  config: run,
  modelEpoch,
}: EvaluatedRun): ReportRun {
  const { config, teacher } = run;
  return {
    name,
    evaluation,
    threshold: threshold?.value ?? null,
    recipe: methodName(config),
    teacher: teacher.kind === 'none' ? '–' : teacher.name,
    seed: config.seed,
    protocol: 'protocol' in config ? config.protocol : '–',
    epochs: epochsInWords(epochsOf(config), modelEpoch),
    pictures: picturesOf(folder),
  };
}

function epochsInWords(epochs: number, modelEpoch: number | null): string {
  if (epochs === 0) return '–';
  return modelEpoch === null || modelEpoch === epochs
    ? `${epochs}`
    : `${epochs}, model of ${modelEpoch}`;
}

function notes(runs: readonly EvaluatedRun[]): string[] {
  const substitutes = runs.filter(
    ({ config: { teacher } }) => teacher.kind === 'embedded' || teacher.kind === 'random',
  );
  return [
    ...new Set(runs.flatMap(({ dataset }) => dataset.warnings)),
    ...substitutes.map(
      ({ name, config }) => `${name}: teacher ${describeTeacher(config.teacher)}.`,
    ),
  ];
}
