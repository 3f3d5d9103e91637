import * as path from 'path';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { describeTeacher } from '../../lib/models/describe-teacher';
import { requireDetectorRun } from '../../lib/training/load-detector';
import { reportPage, type ReportRun } from '../../viz/report/report-page';
import { DEFAULT_CATEGORY } from '../default-category';
import { evaluateRun, type EvaluatedRun } from '../evaluate-run';
import { requireRun } from '../find-run';
import { findComparedRuns } from '../paper-runs';
import { reportCharts } from '../report-charts';
import { methodName } from '../result-record';
import { print, say } from '../say';

/** The options of `stfpm report`. */
export interface ReportOptions {
  category?: string;
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
}

/** `stfpm report`: runs on the same images, side by side on one page */
export async function report(named: readonly string[], options: ReportOptions): Promise<void> {
  const folders = named.length > 0 ? named : comparedRuns(options);
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
  writeFileAtomic(target, page);
  print(`${options.out}: ${(Buffer.byteLength(page) / 1e6).toFixed(1)} MB`);
}

/** Ours and STFPM, as in the paper's figures. */
function comparedRuns({ category = DEFAULT_CATEGORY }: ReportOptions): string[] {
  const { joint, baseline } = findComparedRuns(category, {});
  return [joint, baseline];
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
  const substitutes = runs.filter(({ config }) => config.teacher.kind !== 'file');
  return [
    ...new Set(runs.flatMap(({ dataset }) => dataset.warnings)),
    ...substitutes.map(
      ({ name, config }) => `${name}: teacher ${describeTeacher(config.teacher)}.`,
    ),
  ];
}
