import * as fs from 'fs';
import * as path from 'path';
import type { AnomalyDetector } from '../../lib/anomaly-map/detect';
import type { TeacherSource } from '../../lib/models/teacher';
import { methodOf } from '../../lib/methods/index';
import { createOnnxDetector, openOnnxDetector } from '../../lib/onnx/onnx-detector';
import type { OnnxDetector } from '../../lib/onnx/onnx-detector';
import { exportRun } from '../../lib/runs/export-run';
import { openRun, requireDetectorRun } from '../../lib/runs/open-run';
import type { RunFolder } from '../../lib/training/run-folder';
import { teacherFile } from '../inputs/teacher';
import { UsageError } from '../options';
import type { Runtime } from '../options';
import { say } from '../terminal/say';
import { requireRun } from './find-run';

/** A detector that is ready to judge images, and where it comes from. */
export interface Predictor {
  /** The run's name, or the file's. */
  name: string;
  /** Null for an exported file. */
  run: RunFolder | null;
  /** The epoch that the model comes from; null where that is not known. */
  modelEpoch: number | null;
  /** Whose features the student learned. */
  teacher: Pick<TeacherSource, 'kind' | 'name'>;
  detector: AnomalyDetector;
}

export interface OpenPredictorOptions {
  /** --weights */
  weights?: string;
  runtime?: Runtime;
}

/**
 * The detector of a run, or of a file that `stfpm export` wrote.
 *
 * @param source a run folder, or a file `.onnx`
 */
export async function openPredictor(
  source: string,
  options: OpenPredictorOptions,
): Promise<Predictor> {
  if (isExported(source)) return openExported(source, options);
  const run = requireRun(source);
  const config = requireDetectorRun(run);
  const file = teacherFile(config, options.weights);
  const { graph } = methodOf(config.config);
  if (options.runtime !== 'tensorflow' && typeof graph === 'string') {
    say(`TensorFlow computes it, for it cannot be an ONNX file: ${graph}.`);
  }
  if (options.runtime === 'tensorflow' || typeof graph === 'string') {
    return openWithTensorFlow(run, file);
  }
  const detector = await createOnnxDetector(exportRun(run.folder, file), run.folder);
  return fromOnnx(path.basename(path.resolve(run.folder)), run, detector);
}

/** Whether a source is an exported file, not a run. */
export function isExported(source: string): boolean {
  const stat = fs.statSync(source, { throwIfNoEntry: false });
  return stat ? stat.isFile() : source.endsWith('.onnx');
}

async function openExported(
  file: string,
  { weights, runtime }: OpenPredictorOptions,
): Promise<Predictor> {
  if (weights)
    throw new UsageError('--weights goes with a run; an exported file contains its teacher.');
  if (runtime === 'tensorflow') {
    throw new UsageError('--runtime tensorflow goes with a run, not with an exported file.');
  }
  return fromOnnx(path.basename(file), null, await openOnnxDetector(file));
}

function fromOnnx(name: string, run: RunFolder | null, detector: OnnxDetector): Predictor {
  const { modelEpoch, teacher } = detector.metadata;
  return { name, run, modelEpoch, teacher, detector };
}

function openWithTensorFlow(run: RunFolder, teacher: string | undefined): Predictor {
  const { config, detector, modelEpoch } = openRun(run.folder, teacher);
  const name = path.basename(path.resolve(run.folder));
  return { name, run, modelEpoch, teacher: config.teacher, detector };
}
