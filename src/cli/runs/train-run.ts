import * as path from 'path';
import { duration } from '../../lib/text/duration';
import type { MethodConfig } from '../../lib/methods/index';
import { epochsOf } from '../../lib/runs/run-config';
import type { EpochRecord, RunFolder } from '../../lib/training/run-folder';
import type { StepEvent } from '../../lib/training/train';
import { trainDetector } from '../../lib/runs/train-detector';
import type { LearningResult, TrainDetectorOptions } from '../../lib/runs/train-detector';
import type { ChosenImages } from '../inputs/images';
import type { ChosenTeacher } from '../inputs/teacher';
import { Interrupted, interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import type { Progress } from '../terminal/progress';

/** A path as the user would type it here. */
export function showRun({ folder }: RunFolder): string {
  const relative = path.relative('.', folder);
  return relative === '' || relative.startsWith('..') ? folder : relative;
}

/** What is said of what is prepared; other methods say it themselves. */
const PHASES: Readonly<Record<string, string>> = {
  images: 'Reading images',
  checksums: 'Checking images',
  teacher: "Computing the teacher's features",
};

export interface Trained {
  result: LearningResult;
  /** The last step that was taken; undefined when there was none. */
  last: StepEvent | undefined;
  seconds: number;
}

/**
 * Trains with a progress bar and a line per epoch on standard error.
 *
 * @param again the command that goes on with the training, named when it is stopped
 * @throws Interrupted when it is stopped, with everything saved
 */
export async function trainWithProgress(
  config: MethodConfig,
  run: RunFolder,
  { dataset }: ChosenImages,
  { teacher }: ChosenTeacher,
  {
    again,
    ...options
  }: Pick<
    TrainDetectorOptions,
    'autoEncoderFile' | 'studentRun' | 'falseAlarms' | 'featureMemory' | 'saveSeconds' | 'white'
  > & { again: string },
): Promise<Trained> {
  const progress = openProgress();
  let last: StepEvent | undefined;
  const start = performance.now();
  const stopNotice = () =>
    progress.line('Stopping after this step (interrupt again to end at once, without saving) ...');
  try {
    const result = await interruptible(
      (signal) =>
        trainDetector(config, dataset, teacher, run.folder, {
          signal,
          ...options,
          ...trainingProgress(progress, (event) => (last = event)),
          onEpoch: (record) => progress.milestone(epochLine(record, epochsOf(config))),
        }).then((trained) => {
          if (trained.status === 'finished') return trained;
          throw signal.reason;
        }),
      stopNotice,
    );
    return { result, last, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    progress.stop();
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(error.signal, stopped(config, again, last));
  } finally {
    progress.stop();
  }
}

/**
 * Shows what a training prepares and its steps.
 *
 * @param note takes each step
 */
export function trainingProgress(
  progress: Progress,
  note: (event: StepEvent) => void = () => {},
): Pick<TrainDetectorOptions, 'onPrepare' | 'onStep'> {
  return {
    onPrepare: (phase, done, total) => {
      progress.update({ name: PHASES[phase] ?? phase, done, total });
    },
    onStep: showSteps(progress, note),
  };
}

function showSteps(progress: Progress, note: (event: StepEvent) => void) {
  let doneBefore: number | undefined;
  return (event: StepEvent) => {
    note(event);
    const { epoch, epochs, step, steps, loss } = event;
    const done = (epoch - 1) * steps + step;
    doneBefore ??= done - 1;
    const where = `epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`;
    progress.update({
      name: 'Training',
      done,
      total: epochs * steps,
      doneBefore,
      unit: 'steps',
      note: where,
    });
  };
}

function epochLine(record: EpochRecord, epochs: number): string {
  const { epoch, loss, validation, seconds, total, reconstruction, clipped } = record;
  const parts = [`loss ${loss.toFixed(4)}`];
  if (total !== undefined) parts.push(`L_tot ${total.toFixed(3)}`);
  if (reconstruction !== undefined) parts.push(`L_rec ${reconstruction.toExponential(2)}`);
  if (clipped !== undefined) parts.push(`${Math.round(100 * clipped)} % of steps clipped`);
  if (validation !== undefined) parts.push(`held-out map ${validation.toExponential(3)}`);
  return `epoch ${epoch} of ${epochs}: ${parts.join(', ')} (${duration(seconds)})`;
}

function stopped(config: MethodConfig, again: string, last?: StepEvent): string {
  const where = last
    ? `in epoch ${last.epoch} of ${epochsOf(config)}, after step ${last.step} of ${last.steps}; all of it is saved`
    : 'before the first step; nothing is lost';
  return `Stopped ${where}.\nThe same command goes on from there, and so does: ${again}`;
}
