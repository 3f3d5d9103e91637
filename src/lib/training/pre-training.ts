import { preTrainingLoss } from '../losses/pre-training';
import { reconstruct } from '../models/auto-encoder';
import type { AutoEncoders } from '../models/auto-encoder';
import type { FeaturePyramid } from '../models/resnet18';
import type { NamedArrays } from '../weights/named-arrays';
import { Adam, gradientsOf } from './optimisers';
import type { PreTrainingConfig } from './config';
import { weighted } from './level-weights';
import { ofPrefix, withPrefix } from './recipe';
import type { Batch, Recipe } from './recipe';

const ADAM = 'adam.';

/**
 * Pre-training (paper, section 3): each auto-encoder learns to copy the teacher's features of its level, F_t as they
 * are, by mean squared error. The three do not interact; they share a loop and a step.
 */
export class PreTrainingRecipe implements Recipe {
  private readonly optimiser: Adam;

  constructor(
    readonly autoEncoders: AutoEncoders,
    private readonly config: Pick<PreTrainingConfig, 'learningRate'> &
      Partial<Pick<PreTrainingConfig, 'precision'>>,
  ) {
    this.optimiser = new Adam(autoEncoders.store.parameters, config);
  }

  /** @returns L_pre and its parts: `level1` and so on */
  step({ teacher, weights }: Batch): { loss: number; [level: string]: number } {
    let levels: number[] = [];
    const { value, gradients, dispose } = gradientsOf(() => {
      levels = [];
      const counted = (each: FeaturePyramid) => (weights ? weighted(each, weights) : each);
      const reconstructions = counted(
        reconstruct(this.autoEncoders, teacher, this.config.precision),
      );
      return preTrainingLoss(reconstructions, counted(teacher), (loss) =>
        levels.push(loss.dataSync<'float32'>()[0]),
      );
    }, this.autoEncoders.store.parameters);
    if (Number.isFinite(value)) this.optimiser.step(gradients);
    dispose();
    const parts = levels.map((loss, i) => [`level${i + 1}`, loss]);
    return { loss: value, ...Object.fromEntries(parts) };
  }

  model(): NamedArrays {
    return this.autoEncoders.store.toArrays();
  }

  state(): NamedArrays {
    return new Map([...this.model(), ...withPrefix(ADAM, this.optimiser.state())]);
  }

  restore(state: NamedArrays): void {
    this.autoEncoders.store.assign(state);
    this.optimiser.restore(ofPrefix(ADAM, state));
  }

  dispose(): void {
    this.optimiser.dispose();
  }
}
