import type { Tensor4D } from '../engine/index';
import type { FeaturePyramid } from '../models/resnet18';
import type { NamedArray, NamedArrays } from '../weights/named-arrays';

/** One batch of images alone, for methods that learn without a teacher. */
export interface ImagesBatch {
  images: Tensor4D;
}

/** One batch: normalised images and the teacher's features of them, phi(F_t), or F_t where the recipe asks for it. */
export interface Batch extends ImagesBatch {
  teacher: FeaturePyramid;
  /** How much each position counts, [b, h, w, 1] of each level, see `levelWeights`. Left out: all the same. */
  weights?: FeaturePyramid;
}

/**
 * What the training loop knows of a method: how to take a step, and what to save. The loop itself does epochs,
 * batches, records, checkpoints and interruptions.
 */
export interface Recipe<B = Batch> {
  /**
   * Trains on one batch.
   *
   * @param epoch counted from 1
   * @returns the numbers of this step: means per image, except those in `perStep`; `loss` is among them
   */
  step(batch: B, epoch: number): Record<string, number> & { loss: number };
  /** Names of the numbers that belong to a step and not to its images: their epoch's value is the mean over steps. */
  readonly perStep?: ReadonlySet<string>;
  /** The model as it stands, under the names that PyTorch knows. */
  model(): NamedArrays;
  /** All that a later process needs to continue exactly: the model and the optimiser's memory. */
  state(): NamedArrays;
  /** Restores what `state` returned. */
  restore(state: NamedArrays): void;
  dispose(): void;
}

/** The arrays under longer names. */
export function withPrefix(prefix: string, arrays: NamedArrays): [string, NamedArray][] {
  return [...arrays].map(([name, array]) => [prefix + name, array]);
}

/** The arrays whose names begin with the prefix, without it: the inverse of `withPrefix`. */
export function ofPrefix(prefix: string, arrays: NamedArrays): NamedArrays {
  return new Map(
    [...arrays]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );
}
