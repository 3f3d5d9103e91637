import * as path from 'path';
import { formatMetricsJson, writeMetricsJson } from '../../lib/evaluation/metrics-json';
import { writeNpyMaps } from '../../lib/evaluation/npy';
import { writeScoresCsv } from '../../lib/evaluation/scores-csv';
import { describeTeacher } from '../../lib/models/describe-teacher';
import { evaluateRun } from '../evaluate-run';
import type { EvaluatedRun } from '../evaluate-run';
import { evaluationReport, pathInDataset } from '../evaluation-report';
import type { EvaluationReport } from '../evaluation-report';
import { metricsText } from '../metrics-table';
import { resultRecord } from '../result-record';
import type { Runtime } from '../runtime-option';
import { print, say } from '../say';

/** The options of `stfpm evaluate`. */
export interface EvaluateOptions {
  runtime?: Runtime;
  data?: string;
  weights?: string;
  strict?: boolean;
  json?: boolean;
  maps?: string;
  out?: string;
  result?: string;
}

/** `stfpm evaluate` */
export async function evaluate(folder: string, options: EvaluateOptions): Promise<void> {
  const evaluated = await evaluateRun(folder, options);
  const report = evaluationReport(evaluated);
  const written = await writeFiles(evaluated, report, options);
  if (options.json) {
    process.stdout.write(formatMetricsJson(report));
  } else {
    print(asText(evaluated, report));
  }
  say(`Written: ${written.map((file) => path.relative('.', file) || file).join(', ')}`);
}

async function writeFiles(
  { dataset, evaluation, run, ...evaluated }: EvaluatedRun,
  report: EvaluationReport,
  { out, maps, result }: EvaluateOptions,
): Promise<string[]> {
  const folder = out ?? run.folder;
  const files = {
    report: path.join(folder, 'evaluation.json'),
    scores: path.join(folder, 'scores.csv'),
  };
  const written = [files.report, files.scores];
  // First, since it may be refused.
  if (result) {
    const record = resultRecord({ dataset, evaluation, run, ...evaluated });
    await writeMetricsJson(result, record);
    written.push(result);
  }
  await writeMetricsJson(files.report, report);
  const results = evaluation.results.map((image) => ({
    ...image,
    file: pathInDataset(dataset.root, image.file),
  }));
  await writeScoresCsv(files.scores, results);
  if (maps) {
    await writeNpyMaps(
      maps,
      evaluation.detections.map(({ map }) => map),
      evaluation.images,
    );
    written.push(maps);
  }
  return written;
}

function asText(
  { config, dataset, datasetName, evaluation }: EvaluatedRun,
  { run, modelEpoch, metrics, scores }: EvaluationReport,
): string {
  const { images, defectImages } = metrics.counts;
  const imagesOf = new Map<string, number>();
  for (const { defect } of evaluation.results)
    imagesOf.set(defect, (imagesOf.get(defect) ?? 0) + 1);
  const { imageSize, protocol } = config.config;
  const lines = [
    `${run}: protocol ${protocol}, model of epoch ${modelEpoch ?? '?'}`,
    `${dataset.category} (${datasetName}): ${images - defectImages} good and ${defectImages} defect ` +
      `images at ${imageSize} x ${imageSize} pixels`,
    `teacher: ${describeTeacher(config.teacher)}`,
    '',
    metricsText(metrics, imagesOf),
  ];
  if (scores.good && scores.defect) {
    const between = ({ min, max }: { min: number; max: number }) =>
      `${min.toPrecision(3)} to ${max.toPrecision(3)}`;
    lines.push(
      '',
      `Scores: good images ${between(scores.good)}, defect images ${between(scores.defect)}`,
    );
  }
  return lines.join('\n');
}
