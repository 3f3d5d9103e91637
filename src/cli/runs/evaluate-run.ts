import * as fs from 'fs';
import * as path from 'path';
import { median } from 'simple-statistics';
import type { SideOrSize } from '../../lib/models/side-or-size';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import { listNames } from '../../lib/data/folder';
import type { Dataset } from '../../lib/data/sample';
import { aurocInterval } from '../../lib/evaluation/auroc-interval';
import { evaluateDetector } from '../../lib/evaluation/evaluate-detector';
import type { Evaluation } from '../../lib/evaluation/evaluate-detector';
import type { EvaluationMetrics, ImageResult } from '../../lib/evaluation/evaluate-maps';
import { operatingPoint, remarksOn } from '../../lib/evaluation/operating-point';
import type { OperatingPoint } from '../../lib/evaluation/operating-point';
import type { TeacherSource } from '../../lib/models/teacher';
import { requireDetectorRun } from '../../lib/runs/open-run';
import type { DetectorRunConfig } from '../../lib/runs/open-run';
import { learningSeconds } from '../../lib/runs/run-config';
import type { RunFolder } from '../../lib/training/run-folder';
import { sharedScale } from '../../viz/scale/scale';
import { datasetName, imagesOfRun, requireTestImages } from '../inputs/images';
import { sayTeacher } from '../inputs/teacher';
import type { Runtime } from '../options';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import { say, warn } from '../terminal/say';
import { requireRun } from './find-run';
import { openPredictor } from './open-predictor';
import { chosenThreshold } from './threshold-choice';
import type { ThresholdOptions } from './threshold-choice';

/** What the commands that evaluate a run have in common. */
export interface EvaluateRunOptions {
  /** --data */
  data?: string;
  /** What the category is called in that data set, where it is not the run's name of it. */
  categoryThere?: string;
  /** --roi. Default: the run's. */
  roi?: string;
  /** --weights */
  weights?: string;
  strict?: boolean;
  /** Keep the maps of each level, for figures. */
  levelMaps?: boolean;
  /** --runtime. Default tensorflow. */
  runtime?: Runtime;
  /** Another threshold than the run's. */
  threshold?: ThresholdOptions;
}

/** A run's model on its category's test images. */
export interface EvaluatedRun {
  run: RunFolder;
  /** The name of the run's folder. */
  name: string;
  config: DetectorRunConfig;
  /** The epoch that the model comes from. */
  modelEpoch: number | null;
  /** An image whose score is above it is called defective; null for an unfinished run. */
  threshold: OperatingThreshold | null;
  dataset: Dataset;
  datasetName: string;
  evaluation: Evaluation;
}

/** Loads a run's model and evaluates it, reporting its progress on standard error. */
export async function evaluateRun(
  folder: string,
  options: EvaluateRunOptions,
): Promise<EvaluatedRun> {
  const run = requireRun(folder);
  const trained = requireDetectorRun(run);
  const dataset = await imagesOfRun(run, trained, options);
  for (const warning of dataset.warnings) warn(warning);
  requireTestImages(dataset);
  const name = datasetName(dataset);
  say(`Images: ${dataset.category}, ${dataset.test.length} test images; ${name}, ${dataset.root}`);

  const { runtime = 'tensorflow', weights } = options;
  const predictor = await openPredictor(folder, { runtime, weights });
  const { detector } = predictor;
  sayTeacher(predictor.teacher);
  if (!trained.dataset.sha256 && trained.dataset.trainImages !== dataset.train.length) {
    warn(
      `the run was trained on ${trained.dataset.trainImages} images, and this data set has ` +
        `${dataset.train.length} train images: it may be a different one`,
    );
  }
  const progress = openProgress();
  try {
    const evaluation = await interruptible((signal) =>
      evaluateDetector({ ...detector, roi: dataset.roi ?? detector.roi }, dataset.test, {
        levelMaps: options.levelMaps,
        signal,
        onProgress: (phase, done, total) => {
          const name = phase === 'images' ? 'Reading images' : 'Computing anomaly maps';
          progress.update({ name, done, total });
          if (phase === 'images' || done < total) return;
          progress.stop();
          progress.line('Computing metrics ...');
        },
      }),
    );
    progress.stop();
    warnOfUnseen(evaluation);
    if (evaluation.reduction) {
      warn(
        `test images too large to keep in memory together: pixel metrics are of maps and masks reduced by ` +
          `${evaluation.reduction}, each cell with its largest value; scores are those of the whole images`,
      );
    }
    return {
      run,
      name: predictor.name,
      config: trained,
      modelEpoch: predictor.modelEpoch,
      threshold: chosenThreshold(detector.threshold, options.threshold ?? {}),
      dataset,
      datasetName: name,
      evaluation,
    };
  } finally {
    progress.stop();
    await detector.dispose();
  }
}

/** Says which defects the detector does not look at, wholly or in part: no metric of pixels speaks of that. */
function warnOfUnseen({ samples, defectUnseen }: Evaluation): void {
  const partly = samples.filter((_, i) => defectUnseen[i] > 0);
  if (partly.length === 0) return;
  const wholly = samples.filter((_, i) => defectUnseen[i] === 1);
  const names = (some: typeof partly) =>
    listNames(some.map(({ file }) => file.split(path.sep).slice(-2).join('/')));
  warn(
    `not all of each image is looked at or counts, and in ${partly.length} of them some of the defect lies where it ` +
      `does not: pixel metrics leave that out (${names(partly)})`,
  );
  if (wholly.length === 0) return;
  warn(
    `of these, it sees nothing of the defect in ${wholly.length}, which count as defects all the same: ${names(wholly)}`,
  );
}

/** Smallest, middle and largest image score. */
export interface ScoreRange {
  min: number;
  median: number;
  max: number;
}

/** What a detector costs, on the machine that it was measured on. */
export interface Cost {
  /** All that learning took; null of an unfinished run. */
  trainingSeconds: number | null;
  /** From pixels to map and score. */
  secondsPerImage: number;
  /** Of the model file, without the teacher. */
  modelBytes: number;
  /** Of a process that judges the test images and does nothing else: see `Evaluation`. */
  peakMemoryBytes: number;
}

/** What `stfpm evaluate` writes as evaluation.json and prints with --json. */
export interface EvaluationReport {
  /** The name of the run's folder. */
  run: string;
  /** The epoch that the model comes from. */
  modelEpoch: number | null;
  dataset: { name: string; category: string; testImages: number };
  /** Whose features the student learned. */
  teacher: Pick<TeacherSource, 'kind' | 'name' | 'sha256'>;
  /** The side of square images, or height and width. */
  imageSize: SideOrSize;
  metrics: EvaluationMetrics;
  /** Scores of the test images by kind; null where there are none. */
  scores: { good: ScoreRange | null; defect: ScoreRange | null };
  /** The 99.9th percentile of the maps' pixels on good test images: what a map may show of a good image; null without. */
  normalMapLevel: number | null;
  /** 95 % interval of the image AUROC; null where that is undefined. */
  imageAurocInterval: [number, number] | null;
  /** What the threshold does on the test images; null without a threshold. */
  operatingPoint: OperatingPoint | null;
  /** What the metrics do not say by themselves: that nothing is found, or no better than by chance. */
  remarks: string[];
  cost: Cost;
  /** What is odd about the data set. */
  warnings: string[];
}

/** What a run's detector costs, where it is all that this process has judged. */
export function costOf({ run, evaluation }: Pick<EvaluatedRun, 'run' | 'evaluation'>): Cost {
  const { secondsPerImage, peakMemoryBytes } = evaluation;
  return {
    trainingSeconds: run.finished ? learningSeconds(run) : null,
    secondsPerImage,
    modelBytes: fs.statSync(run.file('model.safetensors')).size,
    peakMemoryBytes,
  };
}

/** The memory that `stfpm evaluate` found a run's present model to need; null if it has not looked, or not since. */
export function measuredMemory(run: RunFolder): number | null {
  const time = (name: string) => fs.statSync(run.file(name), { throwIfNoEntry: false })?.mtimeMs;
  const [report, model] = [time('evaluation.json'), time('model.safetensors')];
  if (report === undefined || model === undefined || report < model) return null;
  const { cost } = run.readJson('evaluation.json') as Partial<EvaluationReport>;
  return cost?.peakMemoryBytes ?? null;
}

/** A path inside the data set, the same on every platform. */
export function pathInDataset(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

function scoreRange(results: readonly ImageResult[], label: 0 | 1): ScoreRange | null {
  const scores = results.filter((image) => image.label === label).map(({ score }) => score);
  if (scores.length === 0) return null;
  return { min: Math.min(...scores), median: median(scores), max: Math.max(...scores) };
}

export function evaluationReport(evaluated: EvaluatedRun): EvaluationReport {
  const { name, config, modelEpoch, threshold, dataset, datasetName, evaluation } = evaluated;
  const { results, detections, metrics } = evaluation;
  const point = threshold && operatingPoint(results, threshold.value);
  const { images, defectImages } = metrics.counts;
  const { auroc } = metrics.image;
  const { kind, name: teacherName, sha256 } = config.teacher;
  const goodMaps = detections
    .filter((_, i) => results[i].label === 0)
    .flatMap(({ map }) => map ?? []);
  return {
    run: name,
    modelEpoch,
    dataset: {
      name: datasetName,
      category: dataset.category,
      testImages: dataset.test.length,
    },
    teacher: { kind, name: teacherName, ...(sha256 !== undefined && { sha256 }) },
    imageSize: config.config.imageSize,
    metrics,
    scores: { good: scoreRange(results, 0), defect: scoreRange(results, 1) },
    normalMapLevel: goodMaps.length > 0 ? sharedScale(goodMaps).hi : null,
    imageAurocInterval:
      auroc === null ? null : aurocInterval(auroc, images - defectImages, defectImages),
    operatingPoint: point,
    remarks: remarksOn(results, auroc, point),
    cost: costOf(evaluated),
    warnings: dataset.warnings,
  };
}
