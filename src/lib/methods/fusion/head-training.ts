import type { Scalar } from '../../engine/index';
import { tf } from '../../engine/index';
import { segmentationLoss } from '../../losses/segmentation';
import { BatchStatistics } from '../../models/batch-statistics';
import type { ParameterStore } from '../../models/parameter-store';
import { Adam, gradientsOf } from '../../training/optimisers';
import { ofPrefix, withPrefix } from '../../training/recipe';
import type { Recipe } from '../../training/recipe';
import type { NamedArrays } from '../../weights/named-arrays';
import { fusionLogits } from './fusion-head';
import type { FusionBatch } from './head-data';

export interface FusionTraining {
  /** Of AdamW; falls along a cosine to 0 at the last step (Loshchilov and Hutter, 2017). */
  learningRate: number;
  weightDecay: number;
  /** Steps of the whole training. */
  steps: number;
}

const ADAM = 'adam.';
const STEP = 'step';

/** Trains a fusion head on the maps of pictures with made-up defects. Every other batch is mirrored. */
export class FusionRecipe implements Recipe<FusionBatch> {
  private readonly optimiser: Adam;
  private readonly statistics = new BatchStatistics();
  private taken = 0;

  constructor(
    readonly head: ParameterStore,
    private readonly settings: FusionTraining,
  ) {
    this.optimiser = new Adam(head.parameters, settings);
  }

  step(batch: FusionBatch): { loss: number } {
    const isMirrored = this.taken % 2 === 1;
    const { value, gradients, dispose } = gradientsOf(() => {
      const [maps, masks] = [batch.maps, batch.masks].map((x) =>
        isMirrored ? tf.reverse(x, 2) : x,
      );
      return segmentationLoss(fusionLogits(this.head, maps, this.statistics), masks) as Scalar;
    }, this.head.parameters);
    if (Number.isFinite(value)) {
      this.optimiser.step(gradients, this.learningRate());
      this.statistics.applyTo(this.head);
    }
    this.statistics.dispose();
    dispose();
    this.taken++;
    return { loss: value };
  }

  private learningRate(): number {
    const { learningRate, steps } = this.settings;
    const done = Math.min(1, this.taken / steps);
    return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
  }

  model(): NamedArrays {
    return this.head.toArrays();
  }

  state(): NamedArrays {
    return new Map([
      ...this.model(),
      ...withPrefix(ADAM, this.optimiser.state()),
      [STEP, { shape: [1], data: Float32Array.of(this.taken) }],
    ]);
  }

  restore(state: NamedArrays): void {
    this.head.assign(state);
    this.optimiser.restore(ofPrefix(ADAM, state));
    [this.taken] = state.get(STEP)!.data;
  }

  dispose(): void {
    this.optimiser.dispose();
    this.statistics.dispose();
  }
}
