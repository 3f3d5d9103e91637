import {
  baselineConfig,
  jointConfig,
  preTrainingConfig,
  settingsForSteps,
} from '../training/config';
import { methodConfig } from '../methods/index';
import type { DetectorConfig } from '../methods/index';
import type { PreTrainingConfig } from '../training/config';
import { settingsForStudent } from '../methods/student-teacher';
import { preTrainingSettings } from './preset';
import type { Preset } from './preset';

const FEW = 20;
const COPIES = 64;

/** The setting `augmentedImages` for a category: with fewer than 20 train images training is few-shot, on 64 copies. */
export function fewShotCopies(trainImages: number): number {
  return trainImages < FEW ? COPIES : 0;
}

/** The runs that one row of a table needs for one seed. */
export interface PlannedRuns {
  preset: Preset;
  seed: number;
  /** Absent where there is nothing to pre-train. */
  preTraining: { name: string; config: PreTrainingConfig } | null;
  /** The shorter run that this one goes on from, to the numbers it would come to by itself; null where there is none. */
  shorter: { name: string; config: DetectorConfig } | null;
  /** The run whose student is taken over; null where there is none. */
  student: { name: string; config: DetectorConfig } | null;
  run: { name: string; config: DetectorConfig };
}

export interface PlanOptions {
  seed: number;
  epochs: number;
  preTrainingEpochs: number;
  /** How many train images the category has. */
  trainImages: number;
}

/** The training runs of a preset, with the names of their run folders. Rows with equal pre-trainings share one. */
export function planRuns(preset: Preset, options: PlanOptions): PlannedRuns {
  const { seed, epochs, preTrainingEpochs, trainImages } = options;
  const { category, experiment } = preset;
  const augmentedImages = fewShotCopies(trainImages);
  const shared = { category, seed, augmentedImages };
  // The name of a row about steps says how many, its own or its student's.
  const steps = preset.steps ?? ('student' in experiment ? experiment.student?.steps : undefined);
  const length = steps === undefined ? { epochs } : settingsForSteps(steps);
  const ending = steps === undefined ? `${epochs}ep-seed${seed}` : `seed${seed}`;
  const name = `${preset.name}-${ending}`;
  if (experiment.recipe === 'baseline') {
    const config = baselineConfig({ ...experiment.settings, ...shared, ...length });
    const shorter = preset.goesOnFrom ? planRuns(preset.goesOnFrom, options).run : null;
    return { preset, seed, preTraining: null, shorter, student: null, run: { name, config } };
  }
  if (experiment.recipe !== 'joint') {
    const { recipe, settings } = experiment;
    const before = experiment.student ? planRuns(experiment.student, options) : null;
    const config = methodConfig({
      ...settings,
      ...(before && { ...settingsForStudent(before.run.config), augmentedImages }),
      ...{ recipe, category, seed },
    }) as DetectorConfig;
    return {
      preset,
      seed,
      preTraining: before?.preTraining ?? null,
      shorter: null,
      student: before?.run ?? null,
      run: { name: before ? name : `${preset.name}-seed${seed}`, config },
    };
  }
  const config = jointConfig({ ...experiment.settings, ...shared, ...length });
  // Rows of the project's own images name them, and come with a teacher of their own.
  const images = preset.images === undefined ? '' : `${preset.images}-`;
  const variant = experiment.variant === undefined ? '' : `-${experiment.variant}`;
  const preTraining =
    config.mode === 'raw'
      ? null
      : {
          name: `pre-training-${images}${category}${variant}-${preTrainingEpochs}ep-seed${seed}`,
          config: preTrainingConfig({
            ...preTrainingSettings(preset),
            ...shared,
            epochs: preTrainingEpochs,
          }),
        };
  return { preset, seed, preTraining, shorter: null, student: null, run: { name, config } };
}
