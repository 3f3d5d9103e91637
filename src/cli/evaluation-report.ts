import * as path from 'path';
import { median } from 'simple-statistics';
import type { EvaluationMetrics, ImageResult } from '../lib/evaluation/evaluation';
import type { TeacherSource } from '../lib/models/teacher';
import { sharedScale } from '../viz/scale/shared-scale';
import type { EvaluatedRun } from './evaluate-run';

/** Smallest, middle and largest image score. */
export interface ScoreRange {
  min: number;
  median: number;
  max: number;
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
  imageSize: number;
  metrics: EvaluationMetrics;
  /** Scores of the test images by kind; null where there are none. */
  scores: { good: ScoreRange | null; defect: ScoreRange | null };
  /** The 99.9th percentile of the maps' pixels on good test images: what a map may show of a good image. */
  normalMapLevel: number | null;
  /** What is odd about the data set. */
  warnings: string[];
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
  const { name, config, modelEpoch, dataset, datasetName, evaluation } = evaluated;
  const { results, detections, metrics } = evaluation;
  const { kind, name: teacherName, sha256 } = config.teacher;
  const goodMaps = detections.filter((_, i) => results[i].label === 0).map(({ map }) => map);
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
    warnings: dataset.warnings,
  };
}
