import * as path from 'path';
import { mkdir } from 'node:fs/promises';
import writeFile from 'write-file-atomic';
import { requireDetectorRun } from '../../lib/training/load-detector';
import { reportPage, type ReportRun } from '../../viz/report/report-page';
import { evaluateRun, type EvaluatedRun } from '../evaluate-run';
import { requireRun } from '../find-run';
import { reportCharts } from '../report-charts';
import { methodName } from '../result-record';
import { print, say } from '../say';

/** The options of `stfpm report`. */
export interface ReportOptions {
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
}

/** `stfpm report`: runs on the same images, side by side on one page */
export async function report(folders: readonly string[], options: ReportOptions): Promise<void> {
  requireComparable(folders);
  const runs: EvaluatedRun[] = [];
  for (const folder of folders) {
    say(`Run: ${folder}`);
    runs.push(await evaluateRun(folder, { ...options, levelMaps: true }));
  }
  requireSameImages(runs);

  say('Drawing the page ...');
  const [{ dataset, datasetName }] = runs;
  const page = await reportPage(runs.map(reportRun), {
    dataset: datasetName,
    category: dataset.category,
    charts: await reportCharts(runs),
    notes: notes(runs),
  });
  const target = path.resolve(options.out);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, page);
  print(`${options.out}: ${(Buffer.byteLength(page) / 1e6).toFixed(1)} MB`);
}

/** Before anything is computed: what the runs' configurations tell. */
function requireComparable(folders: readonly string[]): void {
  const [first, ...others] = folders.map((folder) => ({
    folder,
    ...requireDetectorRun(requireRun(folder)).config,
  }));
  for (const { folder, category, imageSize } of others) {
    if (category !== first.category) {
      throw new Error(
        `${folder}: expected a run on ${first.category} as ${first.folder}, found one on ${category}.`,
      );
    }
    if (imageSize !== first.imageSize) {
      throw new Error(
        `${folder}: expected images of ${first.imageSize} pixels as ${first.folder}, ` +
          `found ${imageSize}.`,
      );
    }
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

function reportRun({
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
    teacher: teacher.name,
    seed: config.seed,
    protocol: config.protocol,
    epochs:
      modelEpoch === null || modelEpoch === config.epochs
        ? `${config.epochs}`
        : `${config.epochs}, model of ${modelEpoch}`,
  };
}

function notes(runs: readonly EvaluatedRun[]): string[] {
  const untrained = runs.filter(({ config }) => config.teacher.kind === 'random');
  return [
    ...new Set(runs.flatMap(({ dataset }) => dataset.warnings)),
    ...untrained.map(({ name }) => `${name}: the teacher is untrained; this is no result.`),
  ];
}
