import * as fs from 'fs';
import * as path from 'path';
import { tf } from '../../src/lib/engine/index';
import type { Scalar, Tensor4D } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/similarity';
import { BatchStatistics } from '../../src/lib/models/batch-statistics';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import {
  initialiseResNet18,
  resnet18,
  resnet18Layer,
  resnet18Stem,
} from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { Random } from '../../src/lib/random/random';
import { Adam, gradientsOf } from '../../src/lib/training/optimisers';
import { ofPrefix, withPrefix } from '../../src/lib/training/recipe';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { readSafetensors, writeSafetensors } from '../../src/lib/weights/safetensors';
import { distillationBatch } from './views';
import type { PictureGroup } from './views';

/** A part of the distillation with views of one size. */
export interface DistillationStage {
  /** Up to this step, counted from 1. */
  until: number;
  batchSize: number;
  /** Of the square views, in pixels; a multiple of 16. */
  side: number;
  /**
   * Levels 2 and 3 are computed from the teacher's level below, not from the network's own, so that each is taught
   * alone: quick at first, when the own levels are still far off. Default false.
   */
  levelwise?: boolean;
  /**
   * Batch norms use the running statistics, as they now stand, so that what is trained is the very function that the
   * finished backbone computes. Default false: the batch's, which move the running ones.
   */
  frozenStatistics?: boolean;
}

export interface DistillationOptions {
  /** In order; the last one's end is the distillation's. */
  stages: readonly DistillationStage[];
  /** By the steps that are done. Default: from 1e-3 to nothing along a cosine. */
  learningRate?: (step: number) => number;
  /** Default 0.01. */
  weightDecay?: number;
  seed: number;
  /** Steps between two checkpoints. Default 200. */
  checkpointEvery?: number;
  signal?: AbortSignal;
  onStep?: (step: number, loss: number, seconds: number) => void;
}

const ADAM = 'adam.';

/** A learning rate that falls from `start` to nothing within so many steps, slowly at both ends. */
export function cosine(start: number, steps: number): (step: number) => number {
  return (step) => (start * (1 + Math.cos((Math.PI * step) / steps))) / 2;
}

/**
 * Teaches a fresh ResNet-18 backbone to give another one's features of three levels, on views of any pictures. It is the
 * method's own idea, with all images for normal. Each step's views depend on the seed and the step alone, so that
 * an interrupted distillation goes on from its checkpoint with the very same numbers.
 *
 * @param folder for the checkpoint, state.safetensors
 * @returns the backbone's arrays by torchvision's names; null if it was interrupted
 */
export async function distil(
  teacher: ParameterStore,
  groups: readonly PictureGroup[],
  folder: string,
  options: DistillationOptions,
): Promise<NamedArrays | null> {
  const { stages, seed, signal, onStep, checkpointEvery = 200 } = options;
  const { until: last } = stages[stages.length - 1];
  const { learningRate = cosine(1e-3, last), weightDecay = 0.01 } = options;
  const random = Random.fromSeed(seed).fork('distillation');
  const student = ParameterStore.fromArrays(initialiseResNet18(random.fork('student')));
  const optimiser = new Adam(student.parameters, { learningRate: learningRate(0), weightDecay });
  const statistics = new BatchStatistics();
  const file = path.join(folder, 'state.safetensors');
  fs.mkdirSync(folder, { recursive: true });
  let step = 0;
  if (fs.existsSync(file)) {
    const { arrays, metadata } = readSafetensors(file);
    student.assign(arrays);
    optimiser.restore(ofPrefix(ADAM, arrays));
    step = Number(metadata.step);
  }
  const save = (): void => {
    const arrays = new Map([...student.toArrays(), ...withPrefix(ADAM, optimiser.state())]);
    writeSafetensors(file, arrays, { step: `${step}` });
  };

  try {
    while (step < last) {
      // Lets a signal to stop be heard.
      await new Promise(setImmediate);
      if (signal?.aborted) {
        save();
        return null;
      }
      const start = performance.now();
      const stage = stages.find(({ until }) => step < until) as DistillationStage;
      const { batchSize, side } = stage;
      const views = distillationBatch(groups, batchSize, side, random.fork(`step ${step}`));
      const images = tf.tensor4d(views, [batchSize, side, side, 3]);
      const target = tf.tidy(() => resnet18(teacher, images)) as FeaturePyramid;
      const { value, gradients, dispose } = gradientsOf(() => {
        const batch = stage.frozenStatistics ? undefined : statistics;
        const features = stage.levelwise
          ? levelwise(student, images, target, batch)
          : resnet18(student, images, batch);
        return distillationLoss(features, target);
      }, student.parameters);
      if (!Number.isFinite(value)) throw new Error(`Distillation diverged at step ${step + 1}.`);
      optimiser.step(gradients, learningRate(step));
      statistics.applyTo(student);
      dispose();
      tf.dispose([images, ...target]);
      step++;
      onStep?.(step, value, (performance.now() - start) / 1000);
      if (step % checkpointEvery === 0 || step === last) save();
    }
    return student.toArrays();
  } finally {
    student.dispose();
    optimiser.dispose();
    statistics.dispose();
  }
}

/** The features of each level, computed from the target of the level below. */
function levelwise(
  student: ParameterStore,
  images: Tensor4D,
  target: FeaturePyramid,
  statistics?: BatchStatistics,
): FeaturePyramid {
  const inputs = [resnet18Stem(student, images, statistics), target[0], target[1]];
  return inputs.map((input, i) => resnet18Layer(student, i, input, statistics)) as FeaturePyramid;
}

/**
 * How far a network is from giving the features of another: per level the squared error, in relation to the target's
 * mean square, plus the squared distance of the normalised features, which is what the method compares; summed over
 * the levels. 0 is a perfect copy; a network that gives nothing has about 1 + 1 a level.
 */
export function distillationLoss(features: FeaturePyramid, target: FeaturePyramid): Scalar {
  return tf.tidy(() =>
    tf.addN(
      features.flatMap((level, i) => {
        const wanted = target[i];
        const error = tf.div(
          tf.mean(tf.squaredDifference(level, wanted)),
          tf.mean(tf.square(wanted)),
        );
        const apart = tf.squaredDifference(l2Normalise(level), l2Normalise(wanted));
        return [error, tf.mean(tf.sum(apart, 3))];
      }),
    ),
  ) as Scalar;
}
